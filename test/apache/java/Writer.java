import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.HdfsConfiguration;

/**
 * `Writer DIR COUNT`: makes DIR/0, DIR/1, ... up to COUNT one after the other through Hadoop's own client, and prints a line
 * `number milliseconds` for each one that was acknowledged, or `failed number message`. Each is created under another name, renamed,
 * and its forerunner's shadow deleted: calls that must not be executed twice, so that a retry on the other NameNode shows.
 */
public class Writer {
  public static void main(String[] args) throws Exception {
    Configuration conf = new HdfsConfiguration();
    FileSystem fs = FileSystem.get(conf);
    Path directory = new Path(args[0]);
    fs.mkdirs(directory);
    int count = Integer.parseInt(args[1]);
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      try {
        fs.create(new Path(directory, "new-" + i), false).close();
        if (!fs.rename(new Path(directory, "new-" + i), new Path(directory, String.valueOf(i)))) throw new IOException("rename said no");
        if (!fs.mkdirs(new Path(directory, "shadow-" + i))) throw new IOException("mkdirs said no");
        if (i > 0 && !fs.delete(new Path(directory, "shadow-" + (i - 1)), true)) throw new IOException("delete said no");
        System.out.println(i + " " + (System.nanoTime() - start) / 1000000);
      } catch (IOException e) {
        System.out.println("failed " + i + " " + e);
      }
      System.out.flush();
    }
    System.exit(0);
  }
}
