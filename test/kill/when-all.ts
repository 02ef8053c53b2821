/** Waits until all have ended, so that nothing goes on behind a failure. @throws the first that failed */
export async function whenAll(promises: readonly Promise<unknown>[]): Promise<void> {
  for (const ended of await Promise.allSettled(promises)) if (ended.status === "rejected") throw ended.reason;
}
