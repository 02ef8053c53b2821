import * as z from "zod";
import { imageFields } from "./image.ts";
import { file, shownFile } from "./request-part.ts";

const image = z.strictObject({
  ...imageFields,
  format: z
    .enum(["raw"], "is raw of what is booted, which is taken as it is; a disk image goes into write")
    .nullable()
    .exactOptional()
    .meta({ description: "`raw`, if given: what is booted is taken as it is" }),
});

/** One object rather than a union, so that a wrong field is named by its own path. */
function bootOf<Image extends z.ZodType>(one: Image) {
  return z
    .strictObject({
      iso: one
        .exactOptional()
        .meta({ description: "A boot ISO; as it is, unless something of the node's own is asked" }),
      kernel: one.exactOptional().meta({ description: "With a ramdisk: a disc is made of both" }),
      ramdisk: one.exactOptional(),
      bootloader: one
        .exactOptional()
        .meta({ description: "EFI system partition with shim and grub; the server's own unless given" }),
    })
    .check(({ value, issues }) => {
      const { iso, ...parts } = value;
      const isWhole = "kernel" in parts && "ramdisk" in parts;
      if (iso === undefined ? isWhole : Object.keys(parts).length === 0) return;
      const message =
        iso === undefined
          ? "needs an iso, or a kernel and a ramdisk"
          : "takes either an iso, or a kernel and a ramdisk";
      issues.push({ code: "custom", input: value, message });
    });
}

/** What is booted. */
export const boot = bootOf(image);

/** The same of images that ask for no log-in. */
export const openBoot = bootOf(image.omit({ auth: true }));

/** What is the node's own on its disc. */
export const ownOnDisc = {
  kernelArgs: z
    .union([
      z.string().max(4096),
      z.strictObject({
        append: z.string().max(4096).exactOptional(),
        remove: z.string().max(4096).exactOptional(),
        replace: z.string().max(4096).exactOptional(),
      }),
    ])
    .nullable()
    .exactOptional()
    .meta({ description: "A string to append, or what to append, remove and replace; null: nothing" }),
  files: z
    .array(file)
    .max(256)
    .exactOptional()
    .meta({ description: "Files of the node's own on the disc, put into a boot ISO too" }),
  ownVia: z.enum(["auto", "patch", "second-disc"]).exactOptional().meta({
    description:
      "How files and documents get to a boot ISO: laid over it, on a second disc in another slot, or (auto) the latter where it cannot take them",
  }),
  discLabel: z
    .string()
    .min(1)
    .max(32)
    .nullable()
    .exactOptional()
    .meta({ description: "Volume label; null: what reads the disc decides" }),
};

/** As it was asked for, without its credentials. */
export const shownImage = z.object({
  url: z.string(),
  checksum: z.string().nullable(),
  member: z.string().optional(),
  tls: z.object({ ca: z.string().optional(), fingerprint: z.string().optional() }).optional(),
  arch: z.string().optional(),
  pinnedUrl: z.string().optional().meta({
    description: "With the digest that the tag led to when the deployment was accepted",
  }),
});

/** As it was asked for, without its secrets. */
export const shownBoot = z.union([
  z.object({ iso: shownImage }),
  z.object({
    kernel: shownImage,
    ramdisk: shownImage,
    bootloader: shownImage.nullable(),
    rootfs: shownImage,
  }),
  z.object({ kernel: shownImage, ramdisk: shownImage, bootloader: shownImage.nullable() }),
]);

export const shownOwnOnDisc = {
  kernelArgs: z.union([
    z.string(),
    z.object({
      append: z.string().optional(),
      remove: z.string().optional(),
      replace: z.string().optional(),
    }),
  ]),
  files: z.array(shownFile),
  ownVia: z.string().optional(),
  discLabel: z.string().nullable(),
};
