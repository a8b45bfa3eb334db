# Runs a command as the first process of a machine within the machine, and leaves nothing of it behind.
#
#   unshare --net --mount -- sh sandbox.sh FOLDER NAME OUTER INNER COMMAND...
#
# FOLDER   holds all its files, and is deleted at the end
# NAME     names its cgroup and its link to the outside
# OUTER    is the address of the link's outer end, where our caller is, and INNER of its own
#
# The command has processes, network and mounts of its own, which end with it, and may write to the
# system's folders: what it writes goes to FOLDER. It has no route but the link.
set -eu
folder=$1 name=$2 outer=$3 inner=$4
shift 4

# The command hears of a Ctrl-C too, and ends; then we clear up.
trap : HUP INT TERM

# Each controller's root in version 1, the one root in version 2.
cgroups() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo /sys/fs/cgroup; return; fi
  for root in /sys/fs/cgroup/*; do
    if [ ! -L "$root" ] && [ -e "$root/cgroup.procs" ]; then echo "$root"; fi
  done
}

make_cgroups() {
  for root in $(cgroups); do mkdir "$root/$name"; done
  if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then return; fi
  for controller in cpuset cpu io memory pids; do
    for group in /sys/fs/cgroup "/sys/fs/cgroup/$name"; do
      echo "+$controller" >"$group/cgroup.subtree_control" || :
    done
  done
}

# The kernel takes a moment to see that the last process of a group is gone.
remove_cgroups() {
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    for root in $(cgroups); do
      if [ -d "$root/$name" ]; then find "$root/$name" -depth -type d -exec rmdir {} + || :; fi
    done
    left=$(for root in $(cgroups); do ls -d "$root/$name" || :; done)
    if [ -z "$left" ]; then return; fi
    sleep 0.2
  done
}

clear_up() {
  # With the other end; the kernel would delete it some time later.
  ip link delete uplink || :
  remove_cgroups
  umount --lazy /etc /opt /var || :
  rm -rf "$folder"
}
trap clear_up EXIT

ip link set lo up
ip link add uplink type veth peer name "$name" netns $PPID
ip address add "$inner/30" dev uplink
ip link set uplink up
nsenter --net="/proc/$PPID/ns/net" ip address add "$outer/30" dev "$name"
nsenter --net="/proc/$PPID/ns/net" ip link set "$name" up
echo 1 >/proc/sys/net/ipv4/ip_forward

for part in etc opt var; do
  mkdir -p "$folder/sandbox/$part/upper" "$folder/sandbox/$part/work"
  mount -t overlay overlay "/$part" \
    -o "lowerdir=/$part,upperdir=$folder/sandbox/$part/upper,workdir=$folder/sandbox/$part/work"
done
mount -t tmpfs tmpfs /run
make_cgroups

status=0
TMPDIR=$folder unshare --pid --fork --kill-child --mount-proc -- "$@" || status=$?
exit $status
