import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.hadoop.util.Tool;
import org.apache.hadoop.util.ToolRunner;

/**
 * `ToolBatch CLASS`: runs one of Hadoop's tools once for every line of standard input, all in one JVM. A line is `input<TAB>word<TAB>word...`, all
 * in base64; the answer is `exit code<TAB>stdout<TAB>stderr`, the latter two in base64.
 */
public class ToolBatch {
  public static void main(String[] args) throws Exception {
    PrintStream answers = System.out;
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] parts = line.split("\t", -1);
      String[] words = new String[parts.length - 1];
      for (int i = 0; i < words.length; i++) words[i] = new String(Base64.getDecoder().decode(parts[i + 1]), StandardCharsets.UTF_8);
      System.setIn(new ByteArrayInputStream(Base64.getDecoder().decode(parts[0])));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      System.setOut(new PrintStream(out, true));
      System.setErr(new PrintStream(err, true));
      int code;
      try {
        code = ToolRunner.run((Tool) Class.forName(args[0]).getDeclaredConstructor().newInstance(), words);
      } catch (Throwable t) {
        System.err.println("Exception in thread \"main\" " + t);
        code = 1;
      }
      answers.println(code + "\t" + Base64.getEncoder().encodeToString(out.toByteArray()) + "\t" + Base64.getEncoder().encodeToString(err.toByteArray()));
    }
    System.exit(0);
  }
}
