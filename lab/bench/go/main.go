// What the operator is measured against: client-go doing the same work, as a program of its own.
//
//	client-go metadata|full|follow|rest|rest-defaults KUBECONFIG NAMESPACE
//
// It writes "start" before its first request and "ready" when it has synced (metadata, full, follow) or leads
// and has synced (rest, rest-defaults), each as one line of JSON with milliseconds since the epoch, and ends at SIGTERM.
// In the mode follow it also writes "added" for each object, with its UID.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// As the operator elects its leader (src/cluster/elect.ts) and as Kubernetes' own components do.
const (
	leaseDuration = 15 * time.Second
	renewDeadline = 10 * time.Second
	asTheOperator = 5 * time.Second
	byDefault     = 2 * time.Second
)

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("usage: client-go metadata|full|follow|rest|rest-defaults KUBECONFIG NAMESPACE"))
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[2])
	if err != nil {
		fail(err)
	}
	config.UserAgent = "client-go/" + os.Args[1]
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	switch os.Args[1] {
	case "metadata":
		syncAll(ctx, metadataInformers(config))
	case "follow":
		syncAll(ctx, following(metadataInformers(config)))
	case "full":
		syncAll(ctx, fullInformers(config))
	case "rest":
		lead(ctx, config, asTheOperator)
	case "rest-defaults":
		lead(ctx, config, byDefault)
	default:
		fail(fmt.Errorf("no such mode: %s", os.Args[1]))
	}
	<-ctx.Done()
}

func kinds() []schema.GroupVersionResource {
	kinds := []schema.GroupVersionResource{}
	for _, plural := range []string{"apis", "staticroutes", "envoyfleets"} {
		kinds = append(kinds, schema.GroupVersionResource{Group: "gateway.kusk.io", Version: "v1alpha1", Resource: plural})
	}
	return kinds
}

func metadataInformers(config *rest.Config) []cache.SharedIndexInformer {
	factory := metadatainformer.NewSharedInformerFactory(metadata.NewForConfigOrDie(config), 0)
	informers := []cache.SharedIndexInformer{}
	for _, kind := range kinds() {
		informers = append(informers, factory.ForResource(kind).Informer())
	}
	return informers
}

func fullInformers(config *rest.Config) []cache.SharedIndexInformer {
	factory := dynamicinformer.NewDynamicSharedInformerFactory(dynamic.NewForConfigOrDie(config), 0)
	informers := []cache.SharedIndexInformer{}
	for _, kind := range kinds() {
		informers = append(informers, factory.ForResource(kind).Informer())
	}
	return informers
}

func following(informers []cache.SharedIndexInformer) []cache.SharedIndexInformer {
	for _, informer := range informers {
		informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: func(object any) {
			if seen, err := meta.Accessor(object); err == nil {
				line, _ := json.Marshal(map[string]any{"msg": "added", "at": time.Now().UnixMilli(), "uid": seen.GetUID()})
				fmt.Println(string(line))
			}
		}})
	}
	return informers
}

func syncAll(ctx context.Context, informers []cache.SharedIndexInformer) {
	say("start", 0)
	synced := []cache.InformerSynced{}
	for _, informer := range informers {
		go informer.RunWithContext(ctx)
		synced = append(synced, informer.HasSynced)
	}
	// cache.WaitForCacheSync looks every 100 ms only, which is much of what is measured.
	for !all(synced) {
		time.Sleep(time.Millisecond)
	}
	objects := 0
	for _, informer := range informers {
		objects += len(informer.GetStore().ListKeys())
	}
	say("ready", objects)
}

func all(synced []cache.InformerSynced) bool {
	for _, hasSynced := range synced {
		if !hasSynced() {
			return false
		}
	}
	return true
}

func lead(ctx context.Context, config *rest.Config, retryPeriod time.Duration) {
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: os.Args[3], Name: "kusk-gateway-manager"},
		Client:     kubernetes.NewForConfigOrDie(config).CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: "client-go"},
	}
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock:            lock,
		LeaseDuration:   leaseDuration,
		RenewDeadline:   renewDeadline,
		RetryPeriod:     retryPeriod,
		ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) { syncAll(ctx, metadataInformers(config)) },
			OnStoppedLeading: func() {},
		},
	})
}

func say(what string, objects int) {
	line, _ := json.Marshal(map[string]any{"msg": what, "at": time.Now().UnixMilli(), "objects": objects})
	fmt.Println(string(line))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
