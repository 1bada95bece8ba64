#!/bin/bash
# Builds a tree over and over on three workers that see it through file systems which remember what they once saw: bindfs with caches
# of 12 s, sshfs with stamps of whole seconds, GlusterFS with caches of 12 s. Each is tried with right clocks, with clocks a minute
# off, and without receipts, which must go wrong. Needs root, /dev/fuse, and of these what is to be tried; what is missing is said.
#
#   scripts/shared-file-systems.sh [RUNS] [OBJECTS] [NAME]...      20 runs of a tree of 200 objects, on all of them, unless told
set -u
cd "$(dirname "$0")/.." || exit 2
export CACHING_RUNS=${1:-20} CACHING_OBJECTS=${2:-200}
names=" ${*:3} "
passed=0 failed=0 skipped=0

if [ "$(id -u)" != 0 ] || [ ! -e /dev/fuse ]; then
  echo "skipped 3: mounting file systems needs root and /dev/fuse"
  echo "0 passed, 0 failed, 3 skipped"
  exit 0
fi
# A network and mounts of our own: nothing outside is touched, and all of it ends with us
if [ "${IN_NAMESPACE:-}" != yes ]; then
  IN_NAMESPACE=yes exec unshare --net --mount --propagation private "$0" "$@"
fi
ip link set lo up && ip address add 10.99.7.10/32 dev lo || exit 2
work=$(mktemp -d)
pids=()
ended() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
  rm -rf "$work"
}
trap ended EXIT

# try NAME [MOUNT]: runs the test with this mount command
try() {
  echo "== $1"
  if [ -n "${2-}" ]; then export CACHING_MOUNT=$2; else unset CACHING_MOUNT; fi
  if npx vitest run test/cluster/caching.test.ts; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}
wants() { case "$names" in "  " | *" $1 "*) ;; *) return 1 ;; esac }
skip() {
  echo "skipped: $1 is not installed"
  skipped=$((skipped + 1))
}

if ! wants bindfs; then
  :
elif command -v bindfs >/dev/null; then
  try bindfs
else
  skip bindfs
fi

if ! wants sshfs; then
  :
elif command -v sshfs >/dev/null && [ -x /usr/sbin/sshd ]; then
  mkdir -p /run/sshd "$work/ssh"
  ssh-keygen -q -t ed25519 -N '' -f "$work/host" && ssh-keygen -q -t ed25519 -N '' -f "$work/user"
  cat >"$work/sshd_config" <<CONFIG
Port 2022
ListenAddress 10.99.7.10
HostKey $work/host
AuthorizedKeysFile $work/user.pub
StrictModes no
UsePAM no
PermitRootLogin yes
MaxStartups 100
Subsystem sftp internal-sftp
CONFIG
  /usr/sbin/sshd -D -f "$work/sshd_config" &
  pids+=($!)
  options=port=2022,IdentityFile=$work/user,StrictHostKeyChecking=no,UserKnownHostsFile=/dev/null
  try sshfs "sshfs -f -o $options root@10.99.7.10:$work/ssh {}"
else
  skip sshfs
fi

if ! wants glusterfs; then
  :
elif command -v glusterd >/dev/null; then
  mkdir -p "$work"/gluster/{state,log,run,brick} /var/lib/glusterd /var/log/glusterfs /run/gluster
  mount --bind "$work/gluster/state" /var/lib/glusterd
  mount --bind "$work/gluster/log" /var/log/glusterfs
  mount --bind "$work/gluster/run" /run/gluster
  glusterd -N &
  pids+=($!)
  for _ in $(seq 40); do gluster --mode=script volume list >/dev/null 2>&1 && break; sleep 0.25; done
  gluster --mode=script volume create mp transport tcp "10.99.7.10:$work/gluster/brick" force &&
    gluster --mode=script volume start mp || exit 2
  caches="--attribute-timeout=12 --entry-timeout=12 --negative-timeout=12"
  try glusterfs "glusterfs -N --volfile-server=10.99.7.10 --volfile-id=mp $caches --log-file=$work/gluster/client.log {}"
  gluster --mode=script volume stop mp force
else
  skip glusterfs
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
