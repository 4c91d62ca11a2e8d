# What this site sets for all of Hadoop's programs.
DOMAIN=lan
export NN_PORT=8020
export ZK_QUORUM="m1.$DOMAIN:2181,m2.$DOMAIN:2181,m3.$DOMAIN:2181"
export HADOOP_OPTS="$HADOOP_OPTS -Djava.net.preferIPv4Stack=true -Dsite.domain=$DOMAIN"
export HDFS_NAMENODE_OPTS="-Xmx1g -Dsite.data=/data/hdfs"
export HDFS_ZKFC_OPTS="-Xmx256m -Dsite.data=/data/hdfs"
export HDFS_JOURNALNODE_OPTS="-Xmx256m -Dsite.data=/data/hdfs"
