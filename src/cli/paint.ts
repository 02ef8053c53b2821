import { styleText } from "node:util";

export type Colour = "green" | "red" | "yellow" | "cyan" | "dim" | "bold";

/** Colours a text, or leaves it alone where there are no colours. */
export type Paint = (colour: Colour, text: string) => string;

export function painter(hasColours: boolean): Paint {
  return hasColours
    ? (colour, text) => styleText(colour, text, { validateStream: false })
    : (_, text) => text;
}

/** Everything of C0 and C1 but line breaks, tabs and the colours made here. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /\x1b(?!\[\d{1,2}m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]/g;

/** What may go to a terminal: a BMC's message must not move its cursor or change its title. */
export function withoutControls(text: string): string {
  return text.replace(CONTROLS, "\u{fffd}");
}
