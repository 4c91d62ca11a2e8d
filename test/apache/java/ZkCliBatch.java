import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.ZooKeeperMain;

/**
 * `ZkCliBatch host:port`: ZooKeeper's own shell, given each line of standard input as if it were typed. The answer to a
 * line is `exit code<TAB>stdout<TAB>stderr`, the latter two in base64, once the events that it brought about are printed.
 */
public class ZkCliBatch {
  private static final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private static final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** A class of its own, since the commands keep the streams that they find when the first of it is made. */
  private static class Shell extends ZooKeeperMain {
    Shell(String server) throws IOException, InterruptedException {
      super(new String[] {"-server", server});
    }

    /** Events and answers to asynchronous calls come one after the other: what came before this answer is printed. */
    void settle() throws InterruptedException {
      if (!zk.getState().isAlive()) {
        // Nothing more is answered; the thread of events ends when the last of them is printed.
        for (Thread thread : Thread.getAllStackTraces().keySet())
          if (thread.getName().contains("EventThread")) thread.join(10_000);
        return;
      }
      CountDownLatch settled = new CountDownLatch(1);
      zk.sync("/", (code, path, context) -> settled.countDown(), null);
      settled.await(10, TimeUnit.SECONDS);
    }

    int type(String line) throws IOException, InterruptedException {
      try {
        executeLine(line);
      } catch (RuntimeException e) {
        // Main would end with it.
        System.err.println(e.getClass() == IllegalArgumentException.class ? e.getMessage() : e.toString());
        exitCode = 1;
      }
      settle();
      return exitCode;
    }
  }

  private static String take(ByteArrayOutputStream from) {
    String text = Base64.getEncoder().encodeToString(from.toByteArray());
    from.reset();
    return text;
  }

  public static void main(String[] args) throws Exception {
    PrintStream answers = System.out;
    System.setOut(new PrintStream(out, true, "UTF-8"));
    System.setErr(new PrintStream(err, true, "UTF-8"));
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Shell shell = new Shell(args[0]);
    shell.settle();
    take(out);
    take(err);
    for (String line = lines.readLine(); line != null; line = lines.readLine())
      answers.println(shell.type(line) + "\t" + take(out) + "\t" + take(err));
    System.exit(0);
  }
}
