# A Grid Engine of one node, n0, or of more, that runs jobs of root. To be the first process of namespaces of its own (mounts, network, host
# name, processes): it changes what it sees of /etc, /var and /usr/share for these alone, and what it starts ends with it.
#
#   sh grid-engine.sh FOLDER [NODES]   FOLDER: where its files go; FOLDER/pid: this process, as the outside knows it; FOLDER/up: it is up;
#                                      NODES: how many there are besides n0, each with a network, a name and a folder for jobs of its own;
#                                      FOLDER/n1 and so on: a process in its namespaces, as the inside knows it
set -eu
folder=$1 nodes=${2:-0}
read -r pid rest </proc/self/stat # still the outside's /proc
echo "$pid" >"$folder/pid"
mount --make-rprivate /
mount -t proc proc /proc

hostname n0
ip link set lo up
ip link add br0 type bridge && ip link set br0 up
ip address add 10.77.0.1/24 dev br0 # a host that is known by 127.0.0.1 is refused
printf '127.0.0.1 localhost\n10.77.0.1 n0\n' >"$folder/hosts"
for i in $(seq 1 "$nodes"); do echo "10.77.0.$((1 + i)) n$i" >>"$folder/hosts"; done
mount --bind "$folder/hosts" /etc/hosts

configuration=/usr/share/gridengine/default-configuration
sed 's/^\(min_[ug]id\) .*/\1 0/; s|^\(mailer\) .*|\1 /bin/true|' $configuration >"$folder/configuration"
mount --bind "$folder/configuration" $configuration

spool=/var/spool/gridengine
mkdir "$folder/root" "$folder/spool"
cp -a "$SGE_ROOT/." "$folder/root"
mount --bind "$folder/root" "$SGE_ROOT"
mount --bind "$folder/spool" $spool
common=$SGE_ROOT/$SGE_CELL/common
mkdir -p "$common" $spool/qmaster/job_scripts $spool/spooldb $spool/execd $spool/tmp
cp /usr/share/gridengine/default-bootstrap "$common/bootstrap"
echo n0 >"$common/act_qmaster"
chown -R sgeadmin: "$SGE_ROOT/$SGE_CELL" $spool
setpriv --reuid=sgeadmin --regid=sgeadmin --init-groups \
  /usr/share/gridengine/scripts/init_cluster "$SGE_ROOT" "$SGE_CELL" $spool/spooldb sgeadmin

sge_qmaster
until qconf -sconf >/dev/null; do sleep 0.1; done
qconf -as n0
qconf -Ap /usr/share/gridengine/util/resources/pe/make
# Slots enough that a job which has just ended is in nobody's way; folders for jobs that nobody else uses, or qmake waits for long.
qconf -sq | sed "s/^\(qname\) .*/\1 all.q/; s/^\(hostlist\) .*/\1 n0/; s/^\(slots\) .*/\1 99/; s/^\(pe_list\) .*/\1 make/
  s|^\(tmpdir\) .*|\1 $spool/tmp|; s/^\(load_thresholds\) .*/\1 NONE/" >"$folder/queue"
qconf -Aq "$folder/queue"
for i in $(seq 1 "$nodes"); do
  qconf -ah "n$i" >/dev/null
  qconf -as "n$i" >/dev/null # jobs start tasks from there
  qconf -aattr queue hostlist "n$i" all.q >/dev/null
  mkdir "$folder/tmp$i"
  unshare --net --uts --mount sleep infinity &
  echo "$!" >"$folder/n$i"
  until [ "$(readlink "/proc/$!/ns/net")" != "$(readlink /proc/1/ns/net)" ]; do sleep 0.01; done
  ip link add "to$i" master br0 type veth peer name eth0 netns "$!" && ip link set "to$i" up
  nsenter -t "$!" -n -u -m sh -ec "hostname n$i; ip link set lo up; ip link set eth0 up
    ip address add 10.77.0.$((1 + i))/24 dev eth0; mount --bind $folder/tmp$i $spool/tmp; exec sge_execd"
done
sge_execd
for i in $(seq 0 "$nodes"); do
  until qconf -se "n$i" | grep -q arch=; do sleep 0.1; done # until a node has told what it is, it is given no jobs
done

: >"$folder/up"
exec sleep infinity
