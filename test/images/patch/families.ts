import { NO_BIOS_CODE, type Recipe } from "./fixture.ts";

/** A kernel stands for itself: nothing of it is read. */
const KERNEL = Buffer.from("a kernel");

export const RED_HAT_GRUB = `set default="1"

function load_video {
  insmod efi_gop
}

set timeout=60
### BEGIN /etc/grub.d/10_linux ###
menuentry 'Install Red Hat Enterprise Linux 9' --class fedora --class gnu-linux {
	linuxefi /images/pxeboot/vmlinuz inst.stage2=hd:LABEL=RHEL quiet
	initrdefi /images/pxeboot/initrd.img
}
menuentry 'Test this media & install' --class fedora {
	linuxefi /images/pxeboot/vmlinuz inst.stage2=hd:LABEL=RHEL rd.live.check quiet
	initrdefi /images/pxeboot/initrd.img
}
submenu 'Troubleshooting -->' {
	menuentry 'Rescue a system' {
		linuxefi /images/pxeboot/vmlinuz inst.stage2=hd:LABEL=RHEL inst.rescue quiet
		initrdefi /images/pxeboot/initrd.img
	}
}
`;

export const RED_HAT_ISOLINUX = `default vesamenu.c32
timeout 600
menu title RHEL
label linux
  menu label ^Install
  kernel vmlinuz
  append initrd=initrd.img inst.stage2=hd:LABEL=RHEL quiet
label check
  menu default
  kernel vmlinuz
  append initrd=initrd.img inst.stage2=hd:LABEL=RHEL rd.live.check quiet
label memtest
  kernel memtest
label local
  localboot 0xffff
`;

/** RHEL 7 to 9: isolinux, and grub.cfg on the ISO and in a FAT that is a file. */
export const RED_HAT: Recipe = {
  name: "red-hat",
  label: "RHEL",
  files: {
    "boot.img": NO_BIOS_CODE,
    ".discinfo": "1\nRed Hat Enterprise Linux 9\nx86_64\n",
    "EFI/BOOT/grub.cfg": RED_HAT_GRUB,
    "EFI/BOOT/BOOTX64.EFI": "a loader",
    "isolinux/isolinux.cfg": RED_HAT_ISOLINUX,
    "isolinux/vmlinuz": KERNEL,
    "images/pxeboot/vmlinuz": KERNEL,
    "images/install.img": "an installer",
    "Packages/a-package-with-a-long-name-1.0-1.el9.x86_64.rpm": "a package",
  },
  fat: { "EFI/BOOT/grub.cfg": RED_HAT_GRUB, "EFI/BOOT/BOOTX64.EFI": "a loader" },
};

/** Fedora since 37: GRUB for both, the FAT behind the ISO in a GPT, a second tree for the first partition. */
export const FEDORA: Recipe = {
  ...RED_HAT,
  name: "fedora",
  files: {
    "boot.img": NO_BIOS_CODE,
    ".discinfo": "1\nFedora 40\nx86_64\n",
    "EFI/BOOT/grub.cfg": RED_HAT_GRUB,
    "boot/grub2/grub.cfg": RED_HAT_GRUB.replaceAll("linuxefi", "linux").replaceAll("initrdefi", "initrd"),
    "images/pxeboot/vmlinuz": KERNEL,
    "images/install.img": "an installer",
  },
  fatAs: "partition",
  options: ["-R", "-J", "-partition_offset", "16", "--mbr-force-bootable"],
};

export const DEBIAN_GRUB = `if loadfont $prefix/font.pf2 ; then
  set gfxmode=800x600
fi
menuentry --hotkey=g 'Graphical install' {
    set background_color=black
    linux    /install.amd/vmlinuz vga=788 --- quiet
    initrd   /install.amd/gtk/initrd.gz
}
submenu --hotkey=a 'Advanced options ...' {
    menuentry '... Expert install' {
        linux    /install.amd/vmlinuz priority=low vga=788 ---
        initrd   /install.amd/initrd.gz
    }
}
`;

/** Debian's netinst: isolinux in many files, a hybrid MBR with a second tree, sums of everything. */
export const DEBIAN: Recipe = {
  name: "debian",
  label: "DEBIAN",
  files: {
    "boot.img": NO_BIOS_CODE,
    ".disk/info": 'Debian GNU/Linux 12.5.0 "Bookworm" - Official amd64 NETINST\n',
    "boot/grub/grub.cfg": DEBIAN_GRUB,
    "isolinux/isolinux.cfg":
      "# D-I config version 2.0\npath \ninclude menu.cfg\ndefault vesamenu.c32\nprompt 0\ntimeout 0\n",
    "isolinux/menu.cfg": "menu hshift 4\ninclude stdmenu.cfg\ninclude gtk.cfg\ninclude txt.cfg\n",
    "isolinux/stdmenu.cfg": "menu background splash.png\n",
    "isolinux/gtk.cfg":
      "label installgui\n\tmenu label ^Graphical install\n\tmenu default\n\tkernel /install.amd/vmlinuz\n\tappend vga=788 initrd=/install.amd/gtk/initrd.gz --- quiet \n",
    "isolinux/txt.cfg":
      "label install\n\tmenu label ^Install\n\tkernel /install.amd/vmlinuz\n\tappend vga=788 initrd=/install.amd/initrd.gz --- quiet \n",
    "install.amd/vmlinuz": KERNEL,
    "md5sum.txt": `${"0".repeat(32)}  ./boot/grub/grub.cfg\n${"1".repeat(32)}  ./isolinux/txt.cfg\n${"2".repeat(32)}  ./install.amd/vmlinuz\n`,
  },
  fat: { "EFI/debian/grub.cfg": "search --file --set=root /.disk/info\nset prefix=($root)/boot/grub\n" },
  options: ["-R", "-J", "-partition_offset", "16", "--mbr-force-bootable"],
};

/** Ubuntu's live server. */
export const UBUNTU: Recipe = {
  name: "ubuntu",
  label: "UBUNTU_SERVER",
  files: {
    "boot.img": NO_BIOS_CODE,
    ".disk/info": 'Ubuntu-Server 24.04 LTS "Noble Numbat" - Release amd64 (20240423)',
    "boot/grub/grub.cfg":
      'set timeout=30\n\nloadfont unicode\n\nmenuentry "Try or Install Ubuntu Server" {\n\tset gfxpayload=keep\n\tlinux\t/casper/vmlinuz  ---\n\tinitrd\t/casper/initrd\n}\nif [ "$grub_platform" = "efi" ]; then\nmenuentry \'Boot from next volume\' {\n\texit 1\n}\nfi\n',
    "casper/vmlinuz": KERNEL,
  },
  fat: { "efi/boot/bootx64.efi": "a loader" },
  fatAs: "partition",
};

/** SUSE's, with linuxrc and AutoYaST. */
export const SUSE: Recipe = {
  name: "suse",
  label: "SLE_15",
  files: {
    "boot.img": NO_BIOS_CODE,
    "media.1/media": "SUSE - SLE-15\n",
    "boot/x86_64/loader/isolinux.cfg":
      "default harddisk\n\n# hard disk\nlabel harddisk\n  localboot -2\n\n# install\nlabel linux\n  kernel linux\n  append initrd=initrd splash=silent showopts\n\ntimeout 600\n",
    "boot/x86_64/loader/linux": KERNEL,
    "EFI/BOOT/grub.cfg":
      "timeout=60\ndefault=1\n\nmenuentry 'Installation' --class opensuse {\n  set gfxpayload=keep\n  linuxefi /boot/x86_64/loader/linux splash=silent\n  initrdefi /boot/x86_64/loader/initrd\n}\n",
  },
  fat: {
    "EFI/BOOT/grub.cfg":
      "menuentry 'Installation' {\n  linuxefi /boot/x86_64/loader/linux splash=silent\n}\n",
  },
};

/** Everything in the FAT, as systemd-boot needs it. */
export const SYSTEMD_BOOT: Recipe = {
  name: "systemd-boot",
  files: { "README.TXT": "all is in the FAT\n" },
  fat: {
    "EFI/BOOT/BOOTX64.EFI": "a loader",
    "loader/loader.conf": "timeout 15\ndefault live.conf\n",
    "loader/entries/live.conf":
      "title Live\nlinux /live/vmlinuz\ninitrd /live/initrd\noptions root=live:LABEL=X quiet\n",
  },
};

export const ESXI_CFG = `bootstate=0
title=Loading ESXi installer
timeout=5
prefix=
kernel=/b.b00
kernelopt=runweasel cdromBoot
modules=/jumpstrt.gz --- /useropts.gz --- /features.gz
build=8.0.0
updated=0
`;

/** ESXi: plain ISO 9660 names in capitals. */
export const ESXI: Recipe = {
  name: "esxi",
  label: "ESXI-8",
  files: {
    "BOOT.IMG": NO_BIOS_CODE,
    "BOOT.CFG": ESXI_CFG,
    "EFI/BOOT/BOOT.CFG": ESXI_CFG.replace("prefix=", "prefix=/"),
    "ISOLINUX.CFG": "DEFAULT menu.c32\nTIMEOUT 80\nLABEL install\n  KERNEL mboot.c32\n  APPEND -c boot.cfg\n",
    "B.B00": "a module",
  },
  fat: { "EFI/BOOT/BOOTX64.EFI": "a loader" },
  options: ["--norock", "-iso-level", "1"],
};

const KARG_SIZE = 400;
const AREA_DEFAULT =
  "mitigations=auto,nosmt coreos.liveiso=fcos ignition.firstboot ignition.platform.id=metal";
const area = (start: string): string =>
  `${start}${AREA_DEFAULT}\n${"#".repeat(KARG_SIZE - AREA_DEFAULT.length - 1)} COREOS_KARG_EMBED_AREA\n`;
const COREOS_GRUB = area("menuentry 'Fedora CoreOS (Live)' {\n  linux /images/pxeboot/vmlinuz ") + "}\n";
const COREOS_ISOLINUX = area(
  "label linux\n  kernel /images/pxeboot/vmlinuz\n  append initrd=/images/pxeboot/initrd.img,/images/ignition.img ",
);

/** Fedora CoreOS and its kin, with embed areas. */
export const COREOS: Recipe = {
  name: "coreos",
  label: "FCOS",
  files: {
    "boot.img": NO_BIOS_CODE,
    "EFI/fedora/grub.cfg": COREOS_GRUB,
    "isolinux/isolinux.cfg": COREOS_ISOLINUX,
    "images/ignition.img": Buffer.alloc(4096),
    "coreos/igninfo.json": '{"file": "images/ignition.img"}\n',
    "coreos/features.json": '{"installer-config": true}\n',
    "coreos/kargs.json": JSON.stringify({
      default: AREA_DEFAULT,
      files: [
        { path: "EFI/fedora/grub.cfg", offset: COREOS_GRUB.indexOf(AREA_DEFAULT) },
        { path: "isolinux/isolinux.cfg", offset: COREOS_ISOLINUX.indexOf(AREA_DEFAULT) },
      ],
      size: KARG_SIZE,
    }),
  },
  fat: { "EFI/fedora/grub.cfg": "configfile (cd0)/EFI/fedora/grub.cfg\n" },
};
export const COREOS_DEFAULT_ARGS: string = AREA_DEFAULT;
