/** A finished answer that is given again to the same request. */
export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Names one use of an `Idempotency-Key`: keys are counted per token and route. */
export interface IdempotentUse {
  tokenId: string;
  /** Method and path pattern. */
  route: string;
  key: string;
}

/** Where answers to requests with an `Idempotency-Key` are kept, for 24 h. Each call is one transaction. */
export interface IdempotencyStore {
  /**
   * Claims the key. `new` means that the caller answers and then calls `finish`, or `abandon` when nothing was accepted;
   * `mismatch` that the key was used with another body. A claim whose process died is given again after ten minutes.
   */
  begin(
    use: IdempotentUse,
    bodyHash: string,
  ): Promise<{ state: "new" | "in-progress" | "mismatch" } | ({ state: "replay" } & KeptAnswer)>;
  finish(use: IdempotentUse, answer: KeptAnswer): Promise<void>;
  /** Forgets the claim, so that the key may be used again. */
  abandon(use: IdempotentUse): Promise<void>;
}
