/**
 * The names of system properties that the classes of a jar hold as constants: its one argument is the jar, and a line of
 * output is a name.
 */
import java.io.DataInputStream;
import java.io.IOException;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

public class PropertyNames {
    private static final Pattern NAME = Pattern.compile("(zookeeper|jute|znode|readonlymode|follower|leader|fsync)\\.[A-Za-z0-9._-]+");

    public static void main(String[] args) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        try (ZipFile jar = new ZipFile(args[0])) {
            for (ZipEntry entry : java.util.Collections.list(jar.entries())) {
                if (entry.getName().endsWith(".class")) read(new DataInputStream(jar.getInputStream(entry)), names);
            }
        }
        names.forEach(System.out::println);
    }

    /** The constant pool of a class file (The Java Virtual Machine Specification, 4.4). */
    private static void read(DataInputStream in, TreeSet<String> names) throws IOException {
        in.readInt();
        in.readUnsignedShort();
        in.readUnsignedShort();
        int count = in.readUnsignedShort();
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            if (tag == 1) {
                String text = in.readUTF();
                if (NAME.matcher(text).matches()) names.add(text);
            } else if (tag == 5 || tag == 6) {
                in.readLong();
                i++;
            } else if (tag == 15) {
                in.skipBytes(3);
            } else if (tag == 7 || tag == 8 || tag == 16 || tag == 19 || tag == 20) {
                in.skipBytes(2);
            } else {
                in.skipBytes(4);
            }
        }
    }
}
