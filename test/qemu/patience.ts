/**
 * For what a machine says on its serial line. These only end what would never come: without KVM a boot takes up to a
 * minute on an idle host, and a host that tests something else at the same time is several times slower.
 */
export const SERIAL_MS = 5 * 60_000;

/** For a deployment that boots such a machine, at most twice. */
export const DEPLOYMENT_MS = 8 * 60_000;
