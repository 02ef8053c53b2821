import { ImageError } from "../errors.ts";

/** Turns what a file system says into what a person can do. */
export function failOnDisk(cause: NodeJS.ErrnoException): never {
  const isFull = cause.code === "ENOSPC" || cause.code === "EDQUOT" || cause.code === "EFBIG";
  throw new ImageError(
    isFull ? "The disk of the image store is full" : `The image store cannot be written (${cause.code})`,
    {
      code: "image-store-full",
      retryable: true,
      hint: isFull ? "Free disk space in the data directory." : "Check the data directory and its rights.",
      cause,
    },
  );
}
