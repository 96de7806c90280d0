// Files without which a machine does not start, or nobody can sign in any more: they are never removed by themselves, also when
// they are not as their package made them. Only exact places and names: malware calls itself what it likes.

/** `lib/x86_64-linux-gnu`, `lib64`, ... */
const library = '(?:usr/)?lib(?:32|64|x32)?(?:/[\\w-]+-linux-[\\w-]+)?'
const program = '(?:usr/)?s?bin'

const programs = [
  'init|systemd|systemctl|login|sulogin|agetty|getty|su|sudo|sshd|bash|dash|sh|busybox|mount|umount|fsck|switch_root',
  'unix_chkpwd|polkitd|pkexec|dbus-daemon|dbus-broker|dbus-broker-launch|udevadm|NetworkManager',
].join('|')
const settings = [
  'passwd|group|shadow|gshadow|sudoers|nsswitch\\.conf|login\\.defs|fstab|crypttab|shells|machine-id|inittab|securetty',
  'ld\\.so\\.(?:cache|conf)|pam\\.conf|ssh/sshd_config|systemd/(?:system|logind|user)\\.conf|dbus-1/system\\.conf',
  'pam\\.d/(?:common-[\\w-]+|system-[\\w-]+|password-auth|login|sshd|su|su-l|sudo|other|systemd-user|polkit-1)',
].join('|')
const modules =
  'pam_(?:unix|systemd|permit|deny|env|limits|rootok|nologin|succeed_if|faildelay|selinux|keyinit|loginuid)'
const libraries =
  'libpam(?:c|_misc)?|libsystemd(?:-shared-[\\w.-]+|-core-[\\w.-]+)?|libcrypt|libselinux|libdbus-1|libpolkit-[\\w-]+-1'

const essential = new RegExp(
  `^/(?:${[
    `${program}/(?:${programs})`,
    `(?:usr/)?lib/systemd/(?:systemd|systemd-[a-z-]+)`,
    `usr/lib(?:exec)?/(?:polkit-1/)?(?:polkitd|polkit-agent-helper-1)`,
    `usr/lib(?:exec)?/openssh/(?:sshd-session|sshd-auth)`,
    `${library}/security/${modules}\\.so`,
    `${library}/(?:systemd/)?(?:${libraries})\\.so(?:\\.\\d+)*`,
    `etc/(?:${settings})`,
  ].join('|')})$`,
)

export function isEssential(path: Buffer): boolean {
  return essential.test(path.toString('latin1'))
}
