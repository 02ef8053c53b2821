/** How partitions say what they are, as bytes on disk. What each reader then makes of them is its own. */

/** MBR types: the EFI system partition, and the one entry that announces a GPT (UEFI 2.10, 5.2). */
export const MBR_EFI = 0xef;
export const MBR_PROTECTIVE = 0xee;
/** Where the four entries of an MBR begin. */
export const MBR_ENTRIES_AT = 446;
/** C12A7328-F81F-11D2-BA4B-00A0C93EC93B, the EFI system partition in a GPT, as it lies on disk (UEFI 2.10, table 5-7). */
export const GPT_EFI = "28732ac11ff8d211ba4b00a0c93ec93b";
