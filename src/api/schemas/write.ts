import * as z from "zod";
import { shownImage } from "./boot.ts";
import { imageFields } from "./image.ts";

const FORMATS = ["raw", "gpt", "qcow2", "vmdk", "vdi", "vhd", "vhdx"] as const;
const MIB_MOST = 2 ** 40;
const base64 = z.strictObject({ contentBase64: z.base64().meta({ writeOnly: true }) });

const diskImage = z.strictObject({
  ...imageFields,
  format: z.enum(FORMATS).exactOptional().meta({
    description: "Must be what the bytes are; found by content unless given",
  }),
  kind: z
    .enum(["whole-disk", "partition"])
    .exactOptional()
    .meta({
      description:
        "`whole-disk` unless told, whatever else is booted. `partition` is the file system of a root partition, for which " +
        "the agent makes partitions and installs a boot loader from the image",
    }),
});

const layout = z
  .strictObject({
    rootMiB: z.int().min(1).max(MIB_MOST),
    swapMiB: z.int().min(0).max(MIB_MOST).exactOptional(),
    ephemeralMiB: z.int().min(0).max(MIB_MOST).exactOptional(),
  })
  .meta({ description: "Sizes of the partitions that are made for an image of kind `partition`" });

const configDrive = z
  .union([
    z.enum(["auto", "none"]),
    base64,
    z.strictObject({
      url: imageFields.url,
      checksum: imageFields.checksum,
      auth: imageFields.auth,
      tls: imageFields.tls,
    }),
  ])
  .meta({
    description:
      "`auto` makes one of `userData`, `metaData`, `networkData` and `vendorData` where any is given. A ready one is an " +
      "ISO 9660 or FAT image, as it is or as gzip in base64",
  });

/** A disk image that the agent writes. */
export const write = z
  .strictObject({
    image: diskImage,
    from: z
      .enum(["store", "source"])
      .exactOptional()
      .meta({
        description:
          "`store` unless told: Trayload fetches and verifies the image, and serves it to the agent. With `source` the agent " +
          "reads the image's own URL",
      }),
    rootDevice: z
      .record(z.string().max(64), z.union([z.string(), z.number(), z.boolean()]))
      .exactOptional()
      .meta({
        description:
          "Hints by which the agent chooses the disk, all of which must fit; the node's unless given, else the smallest disk " +
          "of 4 GiB and more",
        example: { serial: "S4EVNX0", size: ">= 200" },
      }),
    layout: layout.exactOptional(),
    configDrive: configDrive.exactOptional(),
    force: z.boolean().exactOptional().meta({
      description: "Writes also what does not look bootable; waives nothing else",
    }),
  })
  .meta({ id: "Write" });

/** As it was asked for, without its secrets. */
export const shownWrite = z.object({
  image: shownImage.extend({
    kind: z.string(),
    format: z.string().nullable(),
    layout: layout.nullable(),
  }),
  from: z.string(),
  rootDevice: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullable(),
  configDrive: z.union([
    z.object({ kind: z.enum(["none", "made"]) }),
    z.object({ kind: z.literal("given"), sizeBytes: z.int() }),
    z.object({ kind: z.literal("fetched"), image: shownImage }),
  ]),
  force: z.boolean(),
});
