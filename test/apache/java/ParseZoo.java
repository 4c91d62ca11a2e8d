/**
 * What Apache's QuorumPeerConfig makes of many zoo.cfg, all in one JVM: a line of input is the path of a file and, after
 * tabs, system properties `key=value` that are set before; a line of output is what it read, or why it refused.
 */
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;

public class ParseZoo {
    public static void main(String[] args) throws Exception {
        Properties before = (Properties) System.getProperties().clone();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split("\t");
            System.setProperties((Properties) before.clone());
            QuorumPeerConfig.setStandaloneEnabled(true);
            QuorumPeerConfig.setReconfigEnabled(false);
            for (int i = 1; i < words.length; i++) {
                int at = words[i].indexOf('=');
                System.setProperty(words[i].substring(0, at), words[i].substring(at + 1));
            }
            System.out.println(outcome(words[0]).replace("\n", "|").replace("\r", "\\r"));
        }
    }

    private static String outcome(String path) {
        QuorumPeerConfig config = new QuorumPeerConfig();
        try {
            config.parse(path);
        } catch (Throwable refused) {
            Throwable why = refused;
            while (why.getCause() != null) why = why.getCause();
            return "refused\t" + why.getClass().getSimpleName() + ": " + why.getMessage();
        }
        Map<String, String> properties = new TreeMap<>();
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith("zookeeper.")) properties.put(name, System.getProperty(name));
        }
        return "taken\t" + String.join("\t",
            "sid=" + config.getServerId(),
            "distributed=" + config.isDistributed(),
            "client=" + (config.getClientPortAddress() == null ? "none" : config.getClientPortAddress().getAddress().getHostAddress() + " " + config.getClientPortAddress().getPort()),
            "tickTime=" + config.getTickTime(),
            "initLimit=" + config.getInitLimit(),
            "syncLimit=" + config.getSyncLimit(),
            "minSessionTimeout=" + config.getMinSessionTimeout(),
            "maxSessionTimeout=" + config.getMaxSessionTimeout(),
            "maxClientCnxns=" + config.getMaxClientCnxns(),
            "snapRetainCount=" + config.getSnapRetainCount(),
            "purgeInterval=" + config.getPurgeInterval(),
            "connectToLearnerMasterLimit=" + config.getConnectToLearnerMasterLimit(),
            "syncEnabled=" + config.getSyncEnabled(),
            "quorumListenOnAllIPs=" + config.getQuorumListenOnAllIPs(),
            "dataDir=" + config.getDataDir(),
            "dataLogDir=" + config.getDataLogDir(),
            "members=" + config.getQuorumVerifier(),
            "properties=" + properties);
    }
}
