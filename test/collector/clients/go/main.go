// Sends the calls on its standard input by Segment's Go client, as it is by default: URL KEY.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sync/atomic"

	analytics "gopkg.in/segmentio/analytics-go.v3"
)

type call struct{ Type, MessageID, UserID, Event, Name string }

type outcomes struct{ sent, failed atomic.Int64 }

func (o *outcomes) Success(analytics.Message)        { o.sent.Add(1) }
func (o *outcomes) Failure(analytics.Message, error) { o.failed.Add(1) }

func (c call) message() analytics.Message {
	switch c.Type {
	case "track":
		return analytics.Track{
			MessageId: c.MessageID, AnonymousId: c.UserID, UserId: c.UserID, Event: c.Event,
			Properties: analytics.NewProperties().Set("event", c.Name),
		}
	case "identify":
		return analytics.Identify{AnonymousId: c.UserID, UserId: c.UserID}
	case "page":
		return analytics.Page{AnonymousId: c.UserID, UserId: c.UserID, Name: c.Name}
	case "screen":
		return analytics.Screen{AnonymousId: c.UserID, UserId: c.UserID, Name: c.Name}
	case "group":
		return analytics.Group{AnonymousId: c.UserID, UserId: c.UserID, GroupId: c.Name}
	case "alias":
		return analytics.Alias{UserId: c.UserID, PreviousId: c.Name}
	}
	panic(c.Type)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	var calls []call
	must(json.NewDecoder(os.Stdin).Decode(&calls))
	seen := &outcomes{}
	config := analytics.Config{Endpoint: os.Args[1], Callback: seen}
	client, err := analytics.NewWithConfig(os.Args[2], config)
	must(err)
	for _, c := range calls {
		must(client.Enqueue(c.message()))
	}
	must(client.Close())
	fmt.Printf(`{"sent":%d,"failed":%d}`+"\n", seen.sent.Load(), seen.failed.Load())
}
