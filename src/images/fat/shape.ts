/** Of the file system; firmware knows no other on boot images. */
export const FAT_SECTOR_BYTES = 512;
export const RESERVED_SECTORS = 1;
export const FATS = 2;
export const ROOT_ENTRIES = 112;
const ROOT_SECTORS = (ROOT_ENTRIES * 32) / FAT_SECTOR_BYTES;

/** Up to so many clusters it is FAT12, and up to so many FAT16 (FAT specification, "FAT Type Determination"). */
const FAT12_CLUSTERS = 4084;
const FAT16_CLUSTERS = 65_524;

/** The numbers that describe a FAT file system. */
export interface Shape {
  bits: 12 | 16;
  clusterBytes: number;
  /** All of them, used or not. */
  clusters: number;
  fatSectors: number;
  /** Where cluster 2, the first one, stands. */
  dataSector: number;
  sectors: number;
}

/**
 * The smallest shape in which files fit.
 *
 * @param clustersFor how many clusters of a size the files take
 * @throws RangeError when they do not fit into a FAT16
 */
export function chooseShape(clustersFor: (clusterBytes: number) => number): Shape {
  for (let clusterBytes = 2048; clusterBytes <= 32_768; clusterBytes *= 2) {
    const clusters = clustersFor(clusterBytes) + SPARE_CLUSTERS;
    if (clusters <= FAT12_CLUSTERS - MARGIN) return shape(12, clusterBytes, clusters);
    if (clusters <= FAT16_CLUSTERS - MARGIN)
      return shape(16, clusterBytes, Math.max(clusters, FAT12_CLUSTERS + MARGIN));
  }
  throw new RangeError("the files are too large for a boot image");
}

/** Programs disagree about the exact bounds, so nobody should come near (the specification says so itself). */
const MARGIN = 16;
/** Room for who adds something small later. */
const SPARE_CLUSTERS = 16;

function shape(bits: 12 | 16, clusterBytes: number, clusters: number): Shape {
  const fatSectors = Math.ceil(((clusters + 2) * bits) / 8 / FAT_SECTOR_BYTES);
  const dataSector = RESERVED_SECTORS + FATS * fatSectors + ROOT_SECTORS;
  return {
    bits,
    clusterBytes,
    clusters,
    fatSectors,
    dataSector,
    sectors: dataSector + clusters * (clusterBytes / FAT_SECTOR_BYTES),
  };
}
