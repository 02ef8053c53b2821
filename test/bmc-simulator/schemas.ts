/**
 * The part of DMTF's schemas (DSP8010 2024.1 and their errata since) that the simulated BMCs show: a table of our own, since the
 * schemas are large and the part is small. Each property is followed by its JSON types; a property that is not here is unknown.
 */
export type Types = string;

export interface Schema {
  /** As bodies name it; null for collections. */
  version: string | null;
  required: readonly string[];
  properties: Readonly<Record<string, Types>>;
}

/** Of every resource (DSP0266, "Common properties"). */
const RESOURCE = {
  "@odata.id": "string",
  "@odata.type": "string",
  "@odata.etag": "string",
  Id: "string",
  Name: "string",
  Actions: "object",
  Oem: "object",
} as const;
const NAMED = ["@odata.id", "@odata.type", "Id", "Name"];

const resource = (
  version: string,
  properties: Record<string, Types>,
  required: readonly string[] = [],
): Schema => ({ version, required: [...NAMED, ...required], properties: { ...RESOURCE, ...properties } });

const LISTED = {
  "@odata.id": "string",
  "@odata.type": "string",
  "@odata.etag": "string",
  Name: "string",
  Oem: "object",
  Members: "array",
  "Members@odata.count": "number",
};
const collection: Schema = {
  version: null,
  required: ["@odata.id", "@odata.type", "Name", "Members", "Members@odata.count"],
  properties: LISTED,
};

const text = "string|null";
const link = "object";

/** By the name in `@odata.type`. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  ServiceRoot: resource(
    "v1_15_0",
    {
      RedfishVersion: "string",
      UUID: text,
      Vendor: text,
      Product: text,
      ProtocolFeaturesSupported: "object",
      Systems: link,
      Managers: link,
      Tasks: link,
      EventService: link,
      SessionService: link,
      Links: "object",
    },
    ["Links"],
  ),
  ComputerSystemCollection: collection,
  ComputerSystem: resource("v1_20_0", {
    SystemType: "string",
    Manufacturer: text,
    Model: text,
    SerialNumber: text,
    UUID: text,
    PowerState: text,
    Status: "object",
    Boot: "object",
    BootProgress: "object|null",
    SecureBoot: link,
    EthernetInterfaces: link,
    VirtualMedia: link,
    Memory: link,
    Storage: link,
    Links: "object",
    "@Redfish.Settings": "object",
  }),
  SecureBoot: resource("v1_1_0", {
    SecureBootEnable: "boolean|null",
    SecureBootCurrentBoot: text,
    SecureBootMode: text,
  }),
  EthernetInterfaceCollection: collection,
  EthernetInterface: resource("v1_8_0", { MACAddress: text, PermanentMACAddress: text }),
  ManagerCollection: collection,
  Manager: resource("v1_18_0", {
    ManagerType: "string",
    Model: text,
    FirmwareVersion: text,
    ServiceEntryPointUUID: text,
    PowerState: text,
    Status: "object",
    DateTime: text,
    LastResetTime: "string",
    VirtualMedia: link,
    Links: "object",
  }),
  VirtualMediaCollection: collection,
  VirtualMedia: resource("v1_6_0", {
    MediaTypes: "array",
    Image: text,
    ImageName: text,
    Inserted: "boolean|null",
    WriteProtected: "boolean|null",
    ConnectedVia: text,
    UserName: text,
    Password: "null",
    TransferProtocolType: text,
    TransferMethod: text,
  }),
  SessionService: resource("v1_1_8", {
    ServiceEnabled: "boolean|null",
    SessionTimeout: "number",
    Sessions: link,
  }),
  SessionCollection: collection,
  Session: resource("v1_5_0", { UserName: text, Password: "null", Context: text }),
  TaskService: resource("v1_2_0", { ServiceEnabled: "boolean|null", Tasks: link }),
  TaskCollection: collection,
  Task: resource("v1_7_0", {
    TaskState: "string",
    TaskStatus: "string",
    StartTime: "string",
    EndTime: "string",
    TaskMonitor: "string",
    PercentComplete: "number|null",
    Messages: "array",
  }),
  EventService: resource("v1_10_0", {
    ServiceEnabled: "boolean|null",
    DeliveryRetryAttempts: "number",
    DeliveryRetryIntervalSeconds: "number",
    EventFormatTypes: "array",
    EventTypesForSubscription: "array",
    Subscriptions: link,
  }),
  EventDestinationCollection: collection,
  EventDestination: resource(
    "v1_13_0",
    { Destination: "string", Protocol: "string", SubscriptionType: text, Context: text, EventTypes: "array" },
    ["Context", "SubscriptionType"],
  ),
  ActionInfo: resource("v1_3_0", { Parameters: "array" }),
};

/** The object `Boot` of a ComputerSystem; annotations are told by their names. */
export const BOOT: Readonly<Record<string, Types>> = {
  BootSourceOverrideEnabled: text,
  BootSourceOverrideTarget: text,
  BootSourceOverrideMode: text,
  HttpBootUri: text,
  BootOrder: "array",
};

/** DSP0266, "Error responses", and Message 1.1. */
export const MESSAGE: Readonly<Record<string, Types>> = {
  "@odata.type": "string",
  MessageId: "string",
  Message: "string",
  MessageArgs: "array",
  MessageSeverity: "string",
  Severity: "string",
  Resolution: "string",
  RelatedProperties: "array",
};

/** Messages of the Base registry 1.13 (DSP8011) that the simulated BMCs say. */
export const BASE_MESSAGES: readonly string[] = [
  "ActionNotSupported",
  "ActionParameterMissing",
  "ActionParameterNotSupported",
  "ActionParameterValueConflict",
  "ActionParameterValueNotInList",
  "CouldNotEstablishConnection",
  "EventSubscriptionLimitExceeded",
  "GeneralError",
  "InternalError",
  "MalformedJSON",
  "NoValidSession",
  "OperationNotAllowed",
  "PreconditionFailed",
  "PreconditionRequired",
  "PropertyMissing",
  "PropertyNotWritable",
  "PropertyUnknown",
  "PropertyValueFormatError",
  "PropertyValueNotInList",
  "ResourceInStandby",
  "ResourceInUse",
  "ResourceMissingAtURI",
  "SessionLimitExceeded",
];

/** What is wrong with a body by a list of properties; empty where nothing is. */
export function unfitIn(
  body: Record<string, unknown>,
  properties: Readonly<Record<string, Types>>,
): string[] {
  return Object.entries(body).flatMap(([name, value]) => {
    const types = properties[name];
    if (types === undefined) return isAnnotation(name) ? [] : [`${name} is no property`];
    const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
    return types.split("|").includes(type) ? [] : [`${name} is ${type} and not ${types}`];
  });
}

/** "Name@Redfish.AllowableValues" (DSP0266, "Annotations"). */
const isAnnotation = (name: string) => /@(Redfish|odata|Message)\./.test(name);
