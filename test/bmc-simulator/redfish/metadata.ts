import { link, ROOT } from "./face.ts";

/** The schemas of what this service shows, with the versions that the bodies name; null for collections. */
const SCHEMAS: readonly [name: string, version: string | null][] = [
  ["ServiceRoot", "v1_15_0"],
  ["SessionService", "v1_1_8"],
  ["SessionCollection", null],
  ["Session", "v1_5_0"],
  ["ComputerSystemCollection", null],
  ["ComputerSystem", "v1_20_0"],
  ["SecureBoot", "v1_1_0"],
  ["EthernetInterfaceCollection", null],
  ["EthernetInterface", "v1_8_0"],
  ["ManagerCollection", null],
  ["Manager", "v1_18_0"],
  ["VirtualMediaCollection", null],
  ["VirtualMedia", "v1_6_0"],
  ["TaskService", "v1_2_0"],
  ["TaskCollection", null],
  ["Task", "v1_7_0"],
  ["ActionInfo", "v1_3_0"],
  ["EventService", "v1_10_0"],
  ["EventDestinationCollection", null],
  ["EventDestination", "v1_13_0"],
  ["Message", "v1_1_1"],
];

/** The CSDL document that names the schemas (DSP0266, "OData metadata"). */
export function metadata(): string {
  const references = SCHEMAS.map(([name, version]) => {
    const include = (namespace: string) => `    <edmx:Include Namespace="${namespace}"/>\n`;
    const versioned = version === null ? "" : include(`${name}.${version}`);
    const uri = `http://redfish.dmtf.org/schemas/v1/${name}_v1.xml`;
    return `  <edmx:Reference Uri="${uri}">\n${include(name)}${versioned}  </edmx:Reference>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">
${references.join("")}  <edmx:DataServices>
    <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Service">
      <EntityContainer Name="Service" Extends="ServiceRoot.v1_15_0.ServiceContainer"/>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
`;
}

/** The OData service document (DSP0266, "OData service document"). */
export function serviceDocument(): Record<string, unknown> {
  const singleton = (name: string, path: string) => ({ name, kind: "Singleton", url: path });
  return {
    "@odata.context": `${ROOT}/$metadata`,
    value: [
      singleton("Service", link(`${ROOT}/`)["@odata.id"]),
      singleton("Systems", `${ROOT}/Systems`),
      singleton("Managers", `${ROOT}/Managers`),
      singleton("Tasks", `${ROOT}/TaskService`),
      singleton("Sessions", `${ROOT}/SessionService/Sessions`),
    ],
  };
}
