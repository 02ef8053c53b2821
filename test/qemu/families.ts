import { BASE_ARGS, type FamilyIso } from "./family-isos.ts";

/** GRUB finds the kernel wherever it was started from, as the families' menus do by label. */
const FIND = "search --no-floppy --set=root --file KERNEL\n";
const entry = (linux: string, initrd: string): string =>
  `menuentry 'Install' {\n\t${linux} KERNEL ARGS\n\t${initrd} INITRD\n}\n`;

const RED_HAT_GRUB = `set default="1"\nset timeout=60\n${FIND}${entry("linux", "initrd")}menuentry 'Test this media' {\n\tlinux KERNEL ARGS rd.live.check\n\tinitrd INITRD\n}\n`;
const pxeboot = { kernel: "/images/pxeboot/vmlinuz", initrd: "/images/pxeboot/initrd.img" };
const isolinuxMenu = (append = "initrd=INITRD ARGS"): string =>
  `default linux\ntimeout 600\nprompt 1\nserial 0 115200\nlabel linux\n  kernel KERNEL\n  append ${append}\n`;

const AREA_BYTES = 600;
const area = (before: string, behind: string): string =>
  `${before}${BASE_ARGS}\n${"#".repeat(AREA_BYTES - BASE_ARGS.length - 1)} COREOS_KARG_EMBED_AREA\n${behind}`;
const COREOS_GRUB = area(
  `set timeout=1\nsearch --no-floppy --set=root --file ${pxeboot.kernel}\nmenuentry 'Fedora CoreOS (Live)' {\n\tlinux ${pxeboot.kernel} `,
  `\tinitrd ${pxeboot.initrd} /images/ignition.img\n}\n`,
);
const COREOS_ISOLINUX = area(
  `default linux\ntimeout 10\nserial 0 115200\nlabel linux\n  kernel ${pxeboot.kernel}\n  append initrd=${pxeboot.initrd},/images/ignition.img `,
  "",
);
const COREOS_AREAS = JSON.stringify({
  default: BASE_ARGS,
  files: [
    { path: "EFI/fedora/grub.cfg", offset: COREOS_GRUB.indexOf(BASE_ARGS) },
    { path: "isolinux/isolinux.cfg", offset: COREOS_ISOLINUX.indexOf(BASE_ARGS) },
  ],
  size: AREA_BYTES,
});

/** Bootable images in the layouts of the families, made of Debian's boot loaders and kernel. */
export const FAMILIES: readonly FamilyIso[] = [
  {
    name: "rhel9",
    ...pxeboot,
    texts: { "EFI/BOOT/grub.cfg": RED_HAT_GRUB, "isolinux/isolinux.cfg": isolinuxMenu(), ".discinfo": "1\n" },
    fatTexts: { "EFI/BOOT/grub.cfg": RED_HAT_GRUB },
    isolinux: "isolinux",
  },
  {
    name: "fedora",
    ...pxeboot,
    texts: { "EFI/BOOT/grub.cfg": RED_HAT_GRUB, "boot/grub2/grub.cfg": RED_HAT_GRUB, ".discinfo": "1\n" },
    fatTexts: { "EFI/BOOT/grub.cfg": RED_HAT_GRUB },
    grub: "boot/grub2",
    isAppended: true,
    options: ["-partition_offset", "16"],
  },
  {
    name: "debian12",
    kernel: "/install.amd/vmlinuz",
    initrd: "/install.amd/initrd.gz",
    texts: {
      ".disk/info": "Debian GNU/Linux 12 netinst\n",
      "boot/grub/grub.cfg": entry("linux   ", "initrd  "),
      "isolinux/isolinux.cfg": "serial 0 115200\ninclude txt.cfg\ndefault install\nprompt 1\ntimeout 0\n",
      "isolinux/txt.cfg":
        "label install\n\tkernel KERNEL\n\tappend vga=normal initrd=INITRD ARGS --- quiet\n",
    },
    fatTexts: { "EFI/debian/grub.cfg": "search --file --set=root /.disk/info\n" },
    isolinux: "isolinux",
    options: ["-partition_offset", "16"],
  },
  {
    name: "ubuntu24",
    kernel: "/casper/vmlinuz",
    initrd: "/casper/initrd",
    texts: {
      ".disk/info": "Ubuntu-Server 24.04 LTS\n",
      "boot/grub/grub.cfg": `set timeout=30\n${FIND}menuentry "Install" {\n\tlinux\tKERNEL ARGS ---\n\tinitrd\tINITRD\n}\n`,
    },
    fatTexts: {},
    grub: "boot/grub",
    isAppended: true,
  },
  {
    name: "sle15",
    kernel: "/boot/x86_64/loader/linux",
    initrd: "/boot/x86_64/loader/initrd",
    texts: {
      "media.1/media": "SUSE - SLE-15\n",
      // SUSE's isolinux looks in its own directory first, and Debian's has to be sent there.
      "isolinux/isolinux.cfg":
        "default suse\nprompt 0\nlabel suse\n  config /boot/x86_64/loader/isolinux.cfg /boot/x86_64/loader\n",
      "EFI/BOOT/grub.cfg": `timeout=60\n${FIND}${entry("linux", "initrd")}`,
      "boot/x86_64/loader/isolinux.cfg":
        "default harddisk\nserial 0 115200\nlabel harddisk\n  localboot -2\nlabel linux\n  kernel linux\n  append initrd=initrd ARGS\nprompt 1\ntimeout 600\n",
    },
    fatTexts: { "EFI/BOOT/grub.cfg": `timeout=60\n${FIND}${entry("linux", "initrd")}` },
    isolinux: "isolinux",
  },
  {
    name: "coreos",
    ...pxeboot,
    texts: {
      "EFI/BOOT/grub.cfg": "configfile /EFI/fedora/grub.cfg\n",
      "EFI/fedora/grub.cfg": COREOS_GRUB,
      "isolinux/isolinux.cfg": COREOS_ISOLINUX,
      "coreos/kargs.json": COREOS_AREAS,
      "coreos/igninfo.json": '{"file": "images/ignition.img"}\n',
      "images/ignition.img": "\0".repeat(8192),
    },
    fatTexts: {},
    isolinux: "isolinux",
  },
  {
    name: "sd-boot",
    kernel: "/live/vmlinuz",
    initrd: "/live/initrd",
    texts: {},
    fatTexts: {
      "loader/loader.conf": "timeout 15\ndefault live.conf\n",
      "loader/entries/live.conf": "title Live\nlinux KERNEL\ninitrd INITRD\noptions ARGS\n",
    },
    loader: "systemd-boot",
  },
];
