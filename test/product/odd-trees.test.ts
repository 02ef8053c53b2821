import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Lab, type SimulatedBmc, startLab } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";
import {
  type Body,
  CD,
  link,
  MANAGER,
  MEDIA,
  plainTree,
  slot,
  SYSTEM,
  system,
  type Tree,
  writeTree,
} from "./plain-tree.ts";
import { until } from "../until.ts";

/** What is odd about a tree that is deployed to all the same. */
const ODD: Record<string, (tree: Tree) => void> = {
  "links and targets end in slashes": (tree) => {
    tree["/redfish/v1/Systems"]!["Members"] = [link(`${SYSTEM}/`)];
    tree[MANAGER]!["VirtualMedia"] = link(`${MEDIA}/`);
    tree[CD]!["Actions"]["#VirtualMedia.InsertMedia"].target += "/";
    tree[SYSTEM]!["Actions"]["#ComputerSystem.Reset"].target += "/";
  },
  "links and targets are whole URLs by a name of the BMC's own": (tree) => {
    const whole = (path: string) => `https://bmc.invalid${path}`;
    tree[MANAGER]!["VirtualMedia"] = link(whole(MEDIA));
    tree[CD]!["Actions"]["#VirtualMedia.InsertMedia"].target = whole(
      `${CD}/Actions/VirtualMedia.InsertMedia`,
    );
    tree[SYSTEM]!["Actions"]["#ComputerSystem.Reset"].target = whole(
      `${SYSTEM}/Actions/ComputerSystem.Reset`,
    );
  },
  "a baseboard without a Reset comes first": (tree) => {
    tree["/redfish/v1/Systems"]!["Members"].unshift(link("/redfish/v1/Systems/0"));
    tree["/redfish/v1/Systems/0"] = { Id: "0", PowerState: "On" };
  },
  "a GPU baseboard can be reset, and has no boot override": (tree) => {
    const { Boot: _boot, ...board } = system("/redfish/v1/Systems/UBB");
    tree["/redfish/v1/Systems"]!["Members"].unshift(link("/redfish/v1/Systems/UBB"));
    tree["/redfish/v1/Systems/UBB"] = board;
  },
  "a DPU is a system of its own kind": (tree) => {
    tree["/redfish/v1/Systems"]!["Members"].unshift(link("/redfish/v1/Systems/DPU"));
    tree["/redfish/v1/Systems/DPU"] = { ...system("/redfish/v1/Systems/DPU"), SystemType: "DPU" };
  },
  "the system's collection of media answers 404": (tree) => {
    tree[SYSTEM]!["VirtualMedia"] = link(`${SYSTEM}/VirtualMedia`);
  },
  "the system's collection of media has no members": (tree) => {
    tree[SYSTEM]!["VirtualMedia"] = link(`${SYSTEM}/VirtualMedia`);
    tree[`${SYSTEM}/VirtualMedia`] = { Members: [] };
  },
  "dead links and members without one": (tree) => {
    tree[MEDIA]!["Members"].unshift({}, link(`${MEDIA}/gone`), null);
  },
  "nothing links the collection of media": (tree) => {
    delete tree[MANAGER]!["VirtualMedia"];
  },
  "the system names another manager than the one with the media": (tree) => {
    tree["/redfish/v1/Managers"]!["Members"].push(link("/redfish/v1/Managers/Chassis"));
    tree["/redfish/v1/Managers/Chassis"] = { Id: "Chassis" };
    tree[SYSTEM]!["Links"].ManagedBy = [link("/redfish/v1/Managers/Chassis")];
    tree[MANAGER]!["Links"] = { ManagerForServers: [link(SYSTEM)] };
  },
  "of two managers only one says whom it manages": (tree) => {
    delete tree[SYSTEM]!["Links"];
    tree["/redfish/v1/Managers"]!["Members"].unshift(link("/redfish/v1/Managers/Chassis"));
    tree["/redfish/v1/Managers/Chassis"] = { Id: "Chassis" };
    tree[MANAGER]!["Links"] = { ManagerForServers: [link(`${SYSTEM}/`)] };
  },
  "media types are one word": (tree) => {
    tree[CD]!["MediaTypes"] = "CD/DVD";
  },
  "media types are spelled as one": (tree) => {
    tree[CD]!["MediaTypes"] = ["VirtualCD"];
  },
  "neither media types nor Id tell that it takes a disc": (tree) => {
    tree[MEDIA]!["Members"] = [link(`${MEDIA}/USB1`), link(`${MEDIA}/Slot_2`)];
    for (const id of ["USB1", "Slot_2"]) {
      const { MediaTypes: _types, ...body } = slot(`${MEDIA}/${id}`);
      tree[`${MEDIA}/${id}`] = body;
    }
  },
  "empty reads None, and Inserted is missing": (tree) => {
    tree[CD]!["Image"] = "None";
    delete tree[CD]!["Inserted"];
  },
  "empty reads as an empty text, and Inserted as null": (tree) => {
    tree[CD]!["Image"] = "";
    tree[CD]!["Inserted"] = null;
  },
  "another's disc is in": (tree) => {
    Object.assign(tree[CD]!, { Image: "http://198.51.100.7/old.iso", Inserted: true });
  },
  "a full slot shows an eject alone, and an empty one an insert": (tree) => {
    Object.assign(tree[CD]!, { Image: "http://198.51.100.7/old.iso", Inserted: true });
    delete tree[CD]!["Actions"]["#VirtualMedia.InsertMedia"];
  },
  "an empty slot shows an insert alone, and a full one an eject": (tree) => {
    delete tree[CD]!["Actions"]["#VirtualMedia.EjectMedia"];
  },
  "the first slot is listed once remote media are switched on": (tree) => {
    const action = (verb: string) => ({ target: `${MANAGER}/Actions/Oem/AMIVirtualMedia.${verb}` });
    tree[MEDIA]!["Members"] = [];
    tree[MANAGER]!["Actions"] = {
      Oem: {
        "#AMIVirtualMedia.EnableRMedia": action("EnableRMedia"),
        "#AMIVirtualMedia.ConfigureCDInstance": action("ConfigureCDInstance"),
      },
    };
  },
  "media go in by PATCH": (tree) => {
    delete tree[CD]!["Actions"];
  },
  "media go in by a maker's own action": (tree) => {
    const action = (name: string) => ({ target: `${CD}/Actions/Oem/Hp/${name}` });
    delete tree[CD]!["Actions"];
    tree[CD]!["Oem"] = {
      Hp: {
        Actions: {
          "#HpiLOVirtualMedia.EjectVirtualMedia": action("Eject"),
          "#HpiLOVirtualMedia.InsertVirtualMedia": action("Insert"),
        },
      },
    };
  },
  "media go in and out by one action of the maker's own": (tree) => {
    const target = `${CD}/Oem/Huawei/Actions/VirtualMedia.VmmControl`;
    delete tree[CD]!["Actions"];
    tree[CD]!["Oem"] = { Huawei: { Actions: { "#VirtualMedia.VmmControl": { target } } } };
  },
  "where the image lies is configured, and then mounted": (tree) => {
    const action = (verb: string) => ({ target: `${MEDIA}/CfgCD/Actions/IsoConfig.${verb}` });
    tree[MEDIA]!["Members"] = [link(`${MEDIA}/CfgCD`)];
    tree[`${MEDIA}/CfgCD`] = {
      "@odata.type": "#IsoConfig.v1_0_0.IsoConfig",
      Id: "CfgCD",
      Host: "",
      Path: "",
      Actions: { "#IsoConfig.Mount": action("Mount"), "#IsoConfig.UnMount": action("UnMount") },
    };
  },
  "where the image lies is written into what the collection names, and the drive is listed only while mounted":
    (tree) => {
      const action = (verb: string) => ({ target: `${MEDIA}/CfgCD/Actions/IsoConfig.${verb}` });
      const { Members: _none, ...collection } = tree[MEDIA]!;
      const named = { VirtualMediaConfig: link(`${MEDIA}/CfgCD`) };
      tree[MEDIA] = { ...collection, "Members@odata.count": 0, Oem: { Supermicro: named } };
      delete tree[CD];
      tree[`${MEDIA}/CfgCD`] = {
        "@odata.type": "#IsoConfig.IsoConfig",
        Id: "1",
        Name: "VM1",
        Host: "http://198.51.100.7",
        Path: "/iso/never-mounted.iso",
        Actions: { "#IsoConfig.Mount": action("Mount"), "#IsoConfig.UnMount": action("UnMount") },
      };
    },
  "beside the slot are others that the remote console feeds": (tree) => {
    tree[MEDIA]!["Members"].unshift(link(`${MEDIA}/Slot_0`), link(`${MEDIA}/Slot_1`));
    const { Actions: _actions, ...fed } = slot(`${MEDIA}/Slot_0`);
    tree[`${MEDIA}/Slot_0`] = { ...fed, Oem: { OpenBMC: { WebSocketEndpoint: "/nbd/0" } } };
    tree[`${MEDIA}/Slot_1`] = { ...fed, Id: "Slot_1", TransferProtocolType: "OEM" };
  },
  "the image stays, and only the connection says that it is out": (tree) => {
    Object.assign(tree[CD]!, { Image: "http://198.51.100.7/old.iso", ConnectedVia: "NotConnected" });
    delete tree[CD]!["Inserted"];
  },
  "prose stands among the allowed values": (tree) => {
    tree[SYSTEM]!["Boot"]["BootSourceOverrideTarget@Redfish.AllowableValues"] = [
      "None",
      "Pxe (PXE boot)",
      "Cd",
    ];
    tree[SYSTEM]!["Actions"]["#ComputerSystem.Reset"]["ResetType@Redfish.AllowableValues"] = [
      "On",
      "ForceOff",
    ];
  },
  "the target of the disc has a name of its own": (tree) => {
    tree[SYSTEM]!["Boot"]["BootSourceOverrideTarget@Redfish.AllowableValues"] = [
      "None",
      "Hdd",
      "VirtualCdDvd",
    ];
  },
  "no values are listed at all": (tree) => {
    delete tree[SYSTEM]!["Boot"]["BootSourceOverrideTarget@Redfish.AllowableValues"];
  },
  "values come by ActionInfo, whose link ends in a slash": (tree) => {
    tree[SYSTEM]!["Actions"]["#ComputerSystem.Reset"]["@Redfish.ActionInfo"] = `${SYSTEM}/ResetActionInfo/`;
    tree[`${SYSTEM}/ResetActionInfo`] = {
      Parameters: [{ Name: "ResetType", AllowableValues: ["ForceOn", "ForceOff"] }],
    };
  },
  "an ActionInfo that is not there": (tree) => {
    tree[SYSTEM]!["Actions"]["#ComputerSystem.Reset"]["@Redfish.ActionInfo"] = `${SYSTEM}/gone`;
  },
  "the override belongs in a settings object of another name": (tree) => {
    tree[SYSTEM]!["@Redfish.Settings"] = { SettingsObject: link(`${SYSTEM}/SD/`) };
    tree[`${SYSTEM}/SD`] = { Id: "SD", Boot: tree[SYSTEM]!["Boot"] };
  },
  "the settings object is not there": (tree) => {
    tree[SYSTEM]!["@Redfish.Settings"] = { SettingsObject: link(`${SYSTEM}/Pending`) };
  },
};

/** A tree that lists two hosts, neither of which looks more like the one that is meant. */
function twoAlike(tree: Tree): void {
  tree["/redfish/v1/Systems"]!["Members"].push(link("/redfish/v1/Systems/2"));
  tree["/redfish/v1/Systems/2"] = system("/redfish/v1/Systems/2");
}

/** What is lacking, and how it is told. */
const LACKING: Record<string, [change: (tree: Tree) => void, told: RegExp]> = {
  "two systems look alike": [twoAlike, /several systems; it lists 1, 2/],
  "the remote console feeds the only slot": [
    (tree) => {
      delete tree[CD]!["Actions"];
      tree[CD]!["Oem"] = { OpenBMC: { WebSocketEndpoint: "/nbd/0" } };
    },
    /no slot that takes a CD: it has CD1, which is fed by the remote console alone/,
  ],
  "of two systems neither has media": [
    (tree) => {
      twoAlike(tree);
      delete tree[MANAGER]!["VirtualMedia"];
    },
    /several systems, none of which links virtual media; it lists 1, 2/,
  ],
  "it is no machine's": [
    (tree) => {
      delete tree["/redfish/v1"]!["Systems"];
      delete tree["/redfish/v1/Systems"];
    },
    /lists no system in \/redfish\/v1\/Systems/,
  ],
  "the collection of media is not there": [
    (tree) => void delete tree[MEDIA],
    /no slot that takes a CD: .*VirtualMedia is linked and not there/,
  ],
  "the collection of media names what is not there": [
    (tree) => {
      tree[MEDIA]!["Members"] = [];
      tree[MEDIA]!["Oem"] = { Supermicro: { VirtualMediaConfig: link(`${MEDIA}/CfgCD`) } };
    },
    /no slot that takes a CD: .*VirtualMedia names \S+\/CfgCD, which cannot be read/,
  ],
  "every slot is for sticks": [
    (tree) => void (tree[CD]!["MediaTypes"] = ["USBStick", "Floppy"]),
    /no slot that takes a CD: it has CD1 \(USBStick, Floppy\)/,
  ],
};

describe("odd trees", () => {
  const ended = new Map<string, { deployment: Body; bmc: SimulatedBmc }>();
  const labs: Lab[] = [];
  let product: Product;
  let folder: string;

  /** All at once, since each waits more than it works. */
  before(async function () {
    this.timeout(100_000);
    folder = mkdtempSync(join(tmpdir(), "odd-trees-"));
    product = await startProduct();
    const lacking = Object.entries(LACKING).map(([what, [change]]) => [what, change] as const);
    const all = [...Object.entries(ODD), ...lacking];
    await Promise.all(all.map(([what, change], index) => deployTo(what, change, `odd-${index}`)));
  });
  after(async () => {
    await product.stop();
    await Promise.all(labs.map((lab) => lab.stop()));
    rmSync(folder, { recursive: true });
  });

  async function deployTo(what: string, change: (tree: Tree) => void, name: string): Promise<void> {
    const tree = plainTree();
    change(tree);
    writeTree(join(folder, name), tree);
    const lab = await startLab({ tree: join(folder, name) });
    labs.push(lab);
    await product.addNode(lab.bmcs[0]!, { name });
    const deployment = await product.deploy({ node: name, eject: "when-booted", timeoutMs: 60_000 });
    ended.set(what, { deployment, bmc: lab.bmcs[0]! });
  }

  for (const what of Object.keys(ODD))
    it(`are deployed to, and left without the disc: ${what}`, async () => {
      const { deployment, bmc } = ended.get(what)!;
      assert.equal(deployment["state"], "succeeded", JSON.stringify(deployment["error"]));
      assert.equal(bmc.bootedFrom?.volumeLabel, "TRAYLOAD");
      await until(() => bmc.slots.every(({ image }) => image === null));
    });

  for (const [what, [, told]] of Object.entries(LACKING))
    it(`are refused with what they lack: ${what}`, () => {
      const { deployment, bmc } = ended.get(what)!;
      assert.equal(deployment["state"], "failed");
      assert.match(deployment["error"].message, told);
      assert.deepEqual(bmc.actions, []);
    });
});
