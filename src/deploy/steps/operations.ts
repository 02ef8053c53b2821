import { ImageError } from "../../images/index.ts";
import type { Node } from "../../nodes/index.ts";
import { type BmcDescription, type Finding, RedfishError } from "../../redfish/index.ts";
import { intentsOf } from "../act.ts";
import { seenIn } from "../capabilities.ts";
import { targetOf } from "../context.ts";
import { StepError } from "../errors.ts";
import { discPath } from "../exposure.ts";
import type { Parts } from "../parts.ts";
import { chooseProvisionUrl } from "../provision-url.ts";
import { SECRET_LENGTH } from "../secret.ts";
import {
  type ImageRole,
  type ImageSpec,
  imagesOf,
  type OperationAction,
  type OperationRequest,
} from "../request.ts";
import { done, type Step, type StepContext } from "../step.ts";
import { powerCycle } from "./due-eject.ts";
import { withBefore } from "./http-boot.ts";
import { known, slotsToEmpty } from "./known.ts";
import { bringOut } from "./media.ts";
import { bringPower, bringShutdown } from "./power.ts";

function operationOf<Kind extends OperationAction["kind"]>(
  context: StepContext,
  _kind: Kind,
): Extract<OperationAction, { kind: Kind }> {
  return (context.view.request as OperationRequest).operation as Extract<OperationAction, { kind: Kind }>;
}

/** Brings a node to a power state and sees it. `restart` shuts down gently first, `power-cycle` does not. */
export function setPower(parts: Pick<Parts, "timing" | "seals" | "store">): Step {
  return {
    name: "set-power",
    async run(context) {
      const { action } = operationOf(context, "power");
      const description = known(context, "bmc");
      const waiting = await {
        on: () => bringPower(parts, context, description, "on"),
        off: () => bringShutdown(parts, context, description),
        "force-off": () => bringPower(parts, context, description, "off"),
        "power-cycle": () => powerCycle(parts, context),
        restart: async () => {
          const powerOn = { kind: "power-on" as const, target: description.system.path };
          const isBackOn = intentsOf(context, powerOn).length > 0;
          const off = isBackOn ? undefined : await bringShutdown(parts, context, description);
          return off ?? bringPower(parts, context, description, "on");
        },
      }[action]();
      const power = action === "off" || action === "force-off" ? "off" : "on";
      return waiting ?? done({ result: { power } });
    },
  };
}

/** Empties every slot that takes a disc. */
export function ejectMedia(parts: Pick<Parts, "timing" | "exposures" | "images" | "seals" | "store">): Step {
  return {
    name: "eject-media",
    async run(context) {
      const bmc = await context.bmc();
      const { media } = (await context.node()).observed;
      const full = slotsToEmpty(known(context, "bmc"), media);
      for (const slot of full) {
        const waiting = await bringOut(parts, context, bmc, await withBefore(parts, context, slot));
        if (waiting !== undefined) return waiting;
      }
      if (media !== null) {
        await parts.exposures.expire(media.deploymentId, "disc", null);
        await parts.images.release(media.deploymentId);
        await context.observe({ media: null });
      }
      return done({ result: { ejected: full.map((slot) => ({ slot: slot.id, path: slot.path })) } });
    },
  };
}

/** Finds out without changing anything whether a node can be deployed. */
export function preflight(parts: Pick<Parts, "nodes" | "bmcs" | "examine" | "images" | "provision">): Step {
  return {
    name: "preflight",
    async run(context) {
      const node = await context.node();
      let description: BmcDescription | undefined;
      const onDescribed = (found: BmcDescription) => (description = found);
      const findings = await findAll(parts, node, context.view.traceparent, onDescribed);
      const { boot } = operationOf(context, "preflight");
      const asked = boot === null ? [] : imagesOf({ boot });
      const images = await Promise.all(asked.map(([role, spec]) => examineImage(parts, role, spec)));
      const isReachable = !findings.some(({ check, outcome }) => check === "reachable" && outcome === "fail");
      const at = new Date(context.nowMs()).toISOString();
      await context.observe({
        ...(description === undefined ? {} : seenIn(description, at)),
        reachable: isReachable,
        seenAt: at,
      });
      const failed = findings.find(({ outcome }) => outcome === "fail")?.check;
      const url = await examineUrl(parts, node, isReachable ? failed : "reachable");
      return done({ result: [...findings, url, ...images] });
    },
  };
}

/** A certificate that was to be pinned at first sight and could not be seen is what the examination begins with. */
async function findAll(
  parts: Pick<Parts, "nodes" | "bmcs" | "examine">,
  node: Node,
  traceparent: string | undefined,
  onDescribed: (description: BmcDescription) => void,
): Promise<Finding[]> {
  const bmcs: Parts["bmcs"] = {
    ...parts.bmcs,
    open: (target, hear) => parts.bmcs.open(target, hear, traceparent),
  };
  try {
    return await parts.examine(bmcs, await targetOf(parts, node), onDescribed);
  } catch (error) {
    if (!(error instanceof RedfishError)) throw error;
    const { message: detail, hint, fingerprint } = error;
    return [{ check: "reachable", outcome: "fail", detail, hint, fingerprint }];
  }
}

/** The longest URL that every BMC takes (user reports of 255 characters; field notes, 2.2 RAC0720). */
const LONGEST_URL = 255;

/**
 * Whether this BMC can be given the URL of a disc, in a form that its kind accepts.
 *
 * @param failed what the examination failed of first; without a connection our own address is not known
 */
async function examineUrl(
  { nodes, bmcs, provision }: Pick<Parts, "nodes" | "bmcs" | "provision">,
  node: Node,
  failed: string | undefined,
): Promise<Finding> {
  const check = "image-url";
  const skipped = {
    check,
    outcome: "skip",
    detail: `needs ${failed}, which failed`,
    hint: undefined,
  } as const;
  if (failed === "reachable") return skipped;
  try {
    const localAddress = bmcs.open(await targetOf({ nodes, bmcs }, node)).localAddress();
    const { provisionUrl: nodeUrl, site, bmc } = node;
    const known = node.observed.described?.description as BmcDescription | undefined;
    const choice = { nodeUrl, site, bmcAddress: bmc.address, localAddress, schemes: known?.ways.discSchemes };
    const base = chooseProvisionUrl(provision, choice);
    const url = base + discPath("x".repeat(SECRET_LENGTH));
    const shape = `${base}/…/boot.iso, ${url.length} characters`;
    if (url.length <= LONGEST_URL) return { check, outcome: "pass", detail: shape, hint: undefined };
    const hint = "Shorten TRAYLOAD_PROVISION_URL or the node's provisionUrl.";
    return { check, outcome: "warn", detail: `${shape}: more than ${LONGEST_URL}, which some refuse`, hint };
  } catch (error) {
    if (!(error instanceof StepError) && !(error instanceof RedfishError)) throw error;
    if (error.code === "provision-url-missing" && failed !== undefined) return skipped;
    return { check, outcome: "fail", detail: error.message, hint: error.hint };
  }
}

async function examineImage(
  { images }: Pick<Parts, "images">,
  role: ImageRole,
  { url, checksum }: ImageSpec,
): Promise<Finding> {
  const check = role === "iso" ? "image" : `image-${role}`;
  try {
    await images.check({ url, checksum });
    return { check, outcome: "pass", detail: "the image's source answers", hint: undefined };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return { check, outcome: "fail", detail: error.message, hint: error.hint };
  }
}
