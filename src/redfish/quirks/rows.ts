import type { Quirk } from "./quirk.ts";

/** All rows, from the general to the particular: of two that differ in the same, the later one counts. */
export const QUIRKS: readonly Quirk[] = [
  {
    name: "ami-insert-protocol",
    match: { oem: "^ami$" },
    differs: { insertsWith: ["TransferProtocolType"] },
    why: "MegaRAC refuses an insert that does not name its protocol.",
    seen: "sushy's recorded error of Managers/Self/VirtualMedia/CD1; field notes 2.1 row 37",
  },
  {
    name: "ami-whole-boot",
    match: { oem: "^ami$" },
    differs: { wantsWholeBoot: true, wantsTaggedBoot: true },
    why: "MegaRAC refuses a boot object that is not whole, and a change without If-Match.",
    seen: "field notes 2.1 rows 33, 41 and 45",
  },
  {
    name: "asrock-whole-boot",
    match: { vendor: "asrock" },
    differs: { wantsWholeBoot: true },
    why: "ASRock Rack refuses a boot object that is not whole.",
    seen: "field notes 2.1 row 41",
  },
  {
    name: "dell-busy-after-eject",
    match: { vendor: "dell" },
    differs: { insertRefusals: [500, 503] },
    why: "iDRAC answers an insert just after an eject with 5xx and does nothing, so that it can be sent again at once.",
    seen: "field notes 2.1 row 9",
  },
  {
    name: "dell-makers-boot",
    match: { vendor: "dell", manager: "^1[1-6]G", firmware: { below: "6.00" } },
    differs: { bootsByMaker: true },
    why: "iDRAC before 6.00 takes the target Cd and does not boot its virtual CD by it; its own attributes do.",
    seen: "field notes 2.1 row 1 and 2.2 (Cd is the physical drive)",
  },
  {
    name: "idrac10-first-slot",
    match: { vendor: "dell", manager: "^(1[7-9]|[2-9]\\d)G" },
    differs: { slotsNever: "^[2-9]$" },
    why: "iDRAC10 lists a second, identical slot that is never booted.",
    seen: "field notes 2.1 row 5 and 2.2 (iDRAC10)",
  },
  {
    name: "lenovo-ext-slots",
    match: { vendor: "lenovo", slot: "^EXT\\d" },
    differs: { slotsFirst: "^EXT", slotsNever: "^(RDOC|Remote)" },
    why: "Of XCC's ten slots RDOC and Remote come from uploads and the console; EXT alone takes URLs.",
    seen: "field notes 2.2 (Lenovo XCC)",
  },
  {
    name: "nokia-insert-protocol",
    match: { vendor: "nokia" },
    differs: { insertsWith: ["TransferProtocolType"] },
    why: "AirFrame refuses an insert that does not name its protocol.",
    seen: "field notes 2.1 row 37",
  },
  {
    name: "nvidia-dgx-credentials",
    match: { vendor: "nvidia", product: "dgx" },
    differs: { insertsWith: ["UserName", "Password"] },
    why: "DGX refuses an insert without a user name and a password, whatever they are.",
    seen: "field notes 2.1 row 40",
  },
  {
    name: "supermicro-whole-boot",
    match: { vendor: "supermicro" },
    differs: { wantsWholeBoot: true },
    why: "Supermicro wants Enabled each time, and falls back to Legacy where no mode comes with the target.",
    seen: "field notes 2.1 rows 27 and 28",
  },
  {
    name: "supermicro-iso-over-http",
    match: { vendor: "supermicro", slot: "^CfgCD$" },
    differs: { discSchemes: ["http"] },
    why: "X11 mounts what its configuration names over plain HTTP alone.",
    seen: "field notes 2.2 (Supermicro X11, no image source over HTTPS)",
  },
  {
    name: "supermicro-usbcd",
    match: { vendor: "supermicro", product: "^(?!ars-111gl-nhr)" },
    differs: { discTargets: ["UsbCd", "Cd"] },
    why: "X11 and X12 take the target Cd and do not boot virtual media by it; UsbCd does.",
    seen: "field notes 2.1 row 25",
  },
];
