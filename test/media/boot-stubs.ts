/** What the BIOS stub says on the first serial line once it runs. */
export const BIOS_STUB_SAYS = "TINY-ISO\r\n";

// A loop that sends the text behind it to COM1, waiting for the line each time, then halts. It finds the text from
// where it runs, as firmware may start it at 0000:7C00 or at 07C0:0000.
const CODE = [
  "fc", // cld
  "e8 00 00", // call next
  "5e", // next: pop si
  "83 c6 1e", // add si, text - next
  "2e ac", // again: cs lodsb
  "84 c0", // test al, al
  "74 11", // jz stop
  "88 c4", // mov ah, al
  "ba fd 03", // mov dx, COM1 + 5
  "ec", // busy: in al, dx
  "a8 20", // test al, 20h
  "74 fb", // jz busy
  "88 e0", // mov al, ah
  "b2 f8", // mov dl, COM1 & ffh
  "ee", // out dx, al
  "eb e9", // jmp again
  "f4", // stop: hlt
  "eb fd", // jmp stop
];

/** A no-emulation boot image (El Torito 1.0, section 2) that says {@link BIOS_STUB_SAYS} and stops. */
export const BIOS_STUB: Buffer = Buffer.concat([
  Buffer.from(CODE.join("").replaceAll(" ", ""), "hex"),
  Buffer.from(`${BIOS_STUB_SAYS}\0`, "latin1"),
]);

/**
 * An empty FAT12 file system of so many 512-byte sectors: a boot sector, two tables of one sector, and sixteen
 * entries of a root directory (Microsoft FAT specification 1.03, sections 3 and 4).
 */
export function emptyFat12(sectors: number): Buffer {
  const image = Buffer.alloc(sectors * 512);
  image.write("\xeb\x3c\x90TRAYLOAD", 0, "latin1");
  image.writeUInt16LE(512, 11);
  image.writeUInt8(1, 13);
  image.writeUInt16LE(1, 14);
  image.writeUInt8(2, 16);
  image.writeUInt16LE(16, 17);
  image.writeUInt16LE(sectors, 19);
  image.writeUInt8(0xf8, 21);
  image.writeUInt16LE(1, 22);
  image.writeUInt16LE(16, 24);
  image.writeUInt16LE(2, 26);
  image.writeUInt8(0x29, 38);
  image.write("NO NAME    FAT12   ", 43, "latin1");
  image.writeUInt16LE(0xaa55, 510);
  for (const table of [512, 1024]) image.write("\xf8\xff\xff", table, "latin1");
  return image;
}
