import com.google.gson.Gson;
import com.segment.analytics.Analytics;
import com.segment.analytics.Callback;
import com.segment.analytics.messages.AliasMessage;
import com.segment.analytics.messages.GroupMessage;
import com.segment.analytics.messages.IdentifyMessage;
import com.segment.analytics.messages.Message;
import com.segment.analytics.messages.MessageBuilder;
import com.segment.analytics.messages.PageMessage;
import com.segment.analytics.messages.ScreenMessage;
import com.segment.analytics.messages.TrackMessage;
import java.io.InputStreamReader;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends the calls on its standard input by Segment's Java client, as it is by default: URL KEY. */
public class Main {
  private static class Call {
    String type;
    String messageId;
    String userId;
    String event;
    String name;

    MessageBuilder<?, ?> message() {
      MessageBuilder<?, ?> builder = withoutIds();
      builder.userId(userId);
      if (!type.equals("alias")) builder.anonymousId(userId);
      if (messageId != null) builder.messageId(messageId);
      return builder;
    }

    private MessageBuilder<?, ?> withoutIds() {
      switch (type) {
        case "track":
          return TrackMessage.builder(event).properties(Map.of("event", name));
        case "identify":
          return IdentifyMessage.builder();
        case "page":
          return PageMessage.builder(name);
        case "screen":
          return ScreenMessage.builder(name);
        case "group":
          return GroupMessage.builder(name);
        case "alias":
          return AliasMessage.builder(name);
        default:
          throw new IllegalArgumentException(type);
      }
    }
  }

  public static void main(String[] args) throws InterruptedException {
    Call[] calls = new Gson().fromJson(new InputStreamReader(System.in), Call[].class);
    CountDownLatch left = new CountDownLatch(calls.length);
    AtomicInteger failed = new AtomicInteger();
    Callback callback =
        new Callback() {
          @Override
          public void success(Message message) {
            left.countDown();
          }

          @Override
          public void failure(Message message, Throwable error) {
            failed.incrementAndGet();
            left.countDown();
          }
        };
    Analytics analytics =
        Analytics.builder(args[1]).endpoint(args[0]).callback(callback).build();
    for (Call call : calls) analytics.enqueue(call.message());
    analytics.flush();
    left.await();
    analytics.shutdown();
    System.out.printf(
        "{\"sent\":%d,\"failed\":%d}%n", calls.length - failed.get(), failed.get());
    System.exit(0);
  }
}
