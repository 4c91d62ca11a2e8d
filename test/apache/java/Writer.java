import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.HdfsConfiguration;

/**
 * `Writer DIR COUNT`: creates DIR/0, DIR/1, ... one after the other through Hadoop's own client, for as long as COUNT says, and prints
 * a line `number milliseconds` for each one that was acknowledged, or `failed number message`.
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
        fs.create(new Path(directory, String.valueOf(i)), false).close();
        System.out.println(i + " " + (System.nanoTime() - start) / 1000000);
      } catch (IOException e) {
        System.out.println("failed " + i + " " + e);
      }
      System.out.flush();
    }
    System.exit(0);
  }
}
