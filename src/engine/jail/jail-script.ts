/**
 * Builds the root of a jail and starts the program in it; run by `/bin/sh` as the first process of its
 * own mount, network, process, message and host-name namespaces. Arguments: the folder that becomes
 * the root, the folders of files that come in (read-only) and go out, the largest file that may be
 * written, then `--share` with what is seen read-only under its own path, `--` and the program.
 *
 * What stays visible: `/usr` with its libraries, the program's own code, three devices, the process's
 * own `/proc`. Not there: `/etc`, homes, the lake, the catalog, sockets, a network.
 */
export const JAIL_SCRIPT = `
set -eu
root=$1 in=$2 out=$3 fsize=$4
shift 5
mount --make-rprivate /
mount -t tmpfs -o size=1m,mode=755,nosuid,nodev tmpfs "$root"
show() {
  if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root$(dirname "$1")"; : > "$root$1"; fi
  mount --bind "$1" "$root$1"
  mount -o remount,bind,ro,nosuid,nodev "$root$1"
}
while [ "$1" != -- ]; do show "$1"; shift; done
shift
for name in bin lib lib64; do
  if [ -L "/$name" ]; then ln -s "$(readlink "/$name")" "$root/$name"
  elif [ -d "/$name" ]; then show "/$name"; fi
done
mkdir -p "$root/dev" "$root/proc" "$root/jail/in" "$root/jail/out" "$root/.old"
for name in null zero urandom; do
  : > "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
mount --bind "$in" "$root/jail/in"
mount -o remount,bind,ro,nosuid,nodev,noexec "$root/jail/in"
mount --bind "$out" "$root/jail/out"
mount -o remount,bind,nosuid,nodev,noexec "$root/jail/out"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
cd "$root"
pivot_root . .old
umount -l /.old
mount -o remount,ro,nosuid,nodev /
cd /jail/out
drop="--no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all"
if [ "\${JAIL_UID:-}" != "" ]; then
  drop="$drop --reuid=$JAIL_UID --regid=$JAIL_UID --clear-groups"
fi
unset JAIL_UID
exec prlimit --fsize="$fsize" --core=0 --nofile=256 --nproc=256 setpriv $drop "$@"
`
