/** One setting that cannot stand, and what to do about it. */
export interface Problem {
  /** The variable, as a person would set it. */
  setting: string;
  message: string;
}

/** All settings that cannot stand, at once. Never repeats a value that may be a secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "config-invalid";
  readonly retryable = false;
  readonly hint = "Correct the settings that are named; docs/configuration.md lists them all.";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ setting, message }) => `${setting} ${message}`);
    super(lines.length === 1 ? lines[0] : `${lines.length} settings are wrong:\n  ${lines.join("\n  ")}`);
    this.problems = problems;
  }
}
