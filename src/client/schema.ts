// Made by `npm run generate` of the API's description of itself; a test fails where it is stale. Do not edit.
/* oxlint-disable */

/** Everything that is sent and answered, by name. */
export interface Schemas {
  NodeInput: {
    name: string;
    bmc: {
      /** Scheme, host and port of the BMC */
      address: string;
      username: string;
      /** Write-only */
      password: string;
      /** How the BMC's certificate is judged; `pin` without a fingerprint pins the first one seen. */
      tls?:
        | {
            mode: "verify";
            ca?: string;
          }
        | {
            mode: "pin";
            fingerprint?: string;
          }
        | {
            mode: "insecure";
          };
      /** Redfish Id or `@odata.id`; null lets the BMC's tree decide */
      systemId?: string | null;
    };
    arch?: "x86_64" | "aarch64";
    bootMode?: ("uefi" | "bios") | null;
    macs?: string[];
    site?: string | null;
    rack?: string | null;
    /** Names and values of the caller's own; lists can be narrowed by them. */
    labels?: Record<string, string>;
    /** Refuses deployments, power-off and eject */
    protected?: boolean;
    maintenance?: boolean;
    /** Base URL that this BMC is given for discs */
    provisionUrl?: string | null;
    /** OpenStack's network_data.json, for discs that are made for this node */
    networkData?: Schemas["NetworkData"] | null;
    /** Root device hints, by which the agent finds the disk to write to */
    rootDevice?: Record<string, unknown> | null;
    /** before: the disks lose their metadata before the steps of each deployment by the agent. after: they do when one fails or is cancelled after its first step had begun, so that nothing half-written is left */
    cleaning?: {
      before?: boolean;
      after?: boolean;
    };
    /** The agent of this node; null takes the images of its architecture */
    agent?: {
      /** ipa: a ramdisk with the agent. coreos: a live system of CoreOS that runs it as a container */
      kind?: "ipa" | "coreos";
      kernel?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        checksum?: string | null;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away */
        auth?:
          | (
              | {
                  username: string;
                  password: string;
                }
              | {
                  bearer: string;
                }
            )
          | null;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** Shown where there is an `auth`, and passed over, so that what was read may be sent back */
        hasAuth?: boolean;
      } | null;
      ramdisk?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        checksum?: string | null;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away */
        auth?:
          | (
              | {
                  username: string;
                  password: string;
                }
              | {
                  bearer: string;
                }
            )
          | null;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** Shown where there is an `auth`, and passed over, so that what was read may be sent back */
        hasAuth?: boolean;
      } | null;
      /** In place of a kernel and a ramdisk: an ISO with the agent, or with kind coreos its live ISO */
      iso?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        checksum?: string | null;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away */
        auth?:
          | (
              | {
                  username: string;
                  password: string;
                }
              | {
                  bearer: string;
                }
            )
          | null;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** Shown where there is an `auth`, and passed over, so that what was read may be sent back */
        hasAuth?: boolean;
      } | null;
      /** coreos with a kernel and a ramdisk: its root file system, which they read */
      rootfs?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        checksum?: string | null;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away */
        auth?:
          | (
              | {
                  username: string;
                  password: string;
                }
              | {
                  bearer: string;
                }
            )
          | null;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** Shown where there is an `auth`, and passed over, so that what was read may be sent back */
        hasAuth?: boolean;
      } | null;
      /** coreos: a config for the live system, merged over the one that starts the agent */
      ignition?: Record<string, unknown> | null;
      kernelArgs?: string;
    } | null;
  };
  /** OpenStack's network_data.json */
  NetworkData: {
    links: {
      id: string;
      /** `phy` and others for a port, `bond`, `vlan` */
      type: string;
      name?: string;
      ethernet_mac_address?: string | null;
      mtu?: number | null;
      bond_links?: string[];
      bond_mode?: string;
      bond_miimon?: number | string;
      bond_xmit_hash_policy?: string;
      vlan_link?: string;
      vlan_id?: number;
      vlan_mac_address?: string | null;
      [name: string]: unknown;
    }[];
    networks: {
      id?: string;
      /** Id of a link */
      link: string;
      type:
        | "ipv4"
        | "ipv4_dhcp"
        | "ipv6"
        | "ipv6_dhcp"
        | "ipv6_slaac"
        | "ipv6_dhcpv6-stateful"
        | "ipv6_dhcpv6-stateless";
      /** Perhaps with its prefix length */
      ip_address?: string;
      netmask?: string;
      gateway?: string | null;
      routes?: {
        network: string;
        netmask: string;
        gateway: string;
        [name: string]: unknown;
      }[];
      services?: {
        type: string;
        address: string;
        [name: string]: unknown;
      }[];
      dns_nameservers?: string[];
      [name: string]: unknown;
    }[];
    services?: {
      type: string;
      address: string;
      [name: string]: unknown;
    }[];
    [name: string]: unknown;
  };
  NodeChanges: {
    name?: string;
    arch?: "x86_64" | "aarch64";
    bootMode?: ("uefi" | "bios") | null;
    macs?: string[];
    site?: string | null;
    rack?: string | null;
    /** Names and values of the caller's own; lists can be narrowed by them. */
    labels?: Record<string, string>;
    /** Refuses deployments, power-off and eject */
    protected?: boolean;
    maintenance?: boolean;
    /** Base URL that this BMC is given for discs */
    provisionUrl?: string | null;
    /** OpenStack's network_data.json, for discs that are made for this node */
    networkData?: Schemas["NetworkData"] | null;
    /** Root device hints, by which the agent finds the disk to write to */
    rootDevice?: Record<string, unknown> | null;
    /** before: the disks lose their metadata before the steps of each deployment by the agent. after: they do when one fails or is cancelled after its first step had begun, so that nothing half-written is left */
    cleaning?: {
      before?: boolean;
      after?: boolean;
    };
    /** The agent of this node; null takes the images of its architecture */
    agent?: {
      /** ipa: a ramdisk with the agent. coreos: a live system of CoreOS that runs it as a container */
      kind?: "ipa" | "coreos";
      kernel?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        checksum?: string | null;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away */
        auth?:
          | (
              | {
                  username: string;
                  password: string;
                }
              | {
                  bearer: string;
                }
            )
          | null;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** Shown where there is an `auth`, and passed over, so that what was read may be sent back */
        hasAuth?: boolean;
      } | null;
      ramdisk?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        checksum?: string | null;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away */
        auth?:
          | (
              | {
                  username: string;
                  password: string;
                }
              | {
                  bearer: string;
                }
            )
          | null;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** Shown where there is an `auth`, and passed over, so that what was read may be sent back */
        hasAuth?: boolean;
      } | null;
      /** In place of a kernel and a ramdisk: an ISO with the agent, or with kind coreos its live ISO */
      iso?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        checksum?: string | null;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away */
        auth?:
          | (
              | {
                  username: string;
                  password: string;
                }
              | {
                  bearer: string;
                }
            )
          | null;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** Shown where there is an `auth`, and passed over, so that what was read may be sent back */
        hasAuth?: boolean;
      } | null;
      /** coreos with a kernel and a ramdisk: its root file system, which they read */
      rootfs?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        checksum?: string | null;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away */
        auth?:
          | (
              | {
                  username: string;
                  password: string;
                }
              | {
                  bearer: string;
                }
            )
          | null;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** Shown where there is an `auth`, and passed over, so that what was read may be sent back */
        hasAuth?: boolean;
      } | null;
      /** coreos: a config for the live system, merged over the one that starts the agent */
      ignition?: Record<string, unknown> | null;
      kernelArgs?: string;
    } | null;
    bmc?: {
      /** Scheme, host and port of the BMC */
      address?: string;
      username?: string;
      /** Write-only */
      password?: string;
      /** How the BMC's certificate is judged; `pin` without a fingerprint pins the first one seen. */
      tls?:
        | {
            mode: "verify";
            ca?: string;
          }
        | {
            mode: "pin";
            fingerprint?: string;
          }
        | {
            mode: "insecure";
          };
      /** Redfish Id or `@odata.id`; null lets the BMC's tree decide */
      systemId?: string | null;
    };
  };
  Nothing: Record<never, never>;
  PowerInput: {
    action: "on" | "off" | "force-off" | "restart" | "power-cycle";
  };
  PreflightInput: {
    boot?: {
      /** A boot ISO; as it is, unless something of the node's own is asked */
      iso?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        /** `algo:hex`, bare hex, or the URL of a checksum file */
        checksum?: string;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** `raw`, if given: what is booted is taken as it is */
        format?: "raw" | null;
      };
      /** With a ramdisk: a disc is made of both */
      kernel?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        /** `algo:hex`, bare hex, or the URL of a checksum file */
        checksum?: string;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** `raw`, if given: what is booted is taken as it is */
        format?: "raw" | null;
      };
      ramdisk?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        /** `algo:hex`, bare hex, or the URL of a checksum file */
        checksum?: string;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** `raw`, if given: what is booted is taken as it is */
        format?: "raw" | null;
      };
      /** EFI system partition with shim and grub; the server's own unless given */
      bootloader?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        /** `algo:hex`, bare hex, or the URL of a checksum file */
        checksum?: string;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** `raw`, if given: what is booted is taken as it is */
        format?: "raw" | null;
      };
    } | null;
    /** Also put a disc of 1 MiB into an empty slot, and see whether the BMC reads it */
    canary?: boolean;
  };
  BmcResetInput: {
    /** That the BMC is meant, which all of its machines lose for minutes */
    confirm: true;
  };
  DeploymentInput: {
    /** Id or name */
    node: string;
    /** May be left out where the agent does the work: its default images are booted then */
    boot?: {
      /** A boot ISO; as it is, unless something of the node's own is asked */
      iso?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        /** `algo:hex`, bare hex, or the URL of a checksum file */
        checksum?: string;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Sent to the image's own origin only; write-only */
        auth?:
          | {
              username: string;
              password: string;
            }
          | {
              bearer: string;
            };
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** `raw`, if given: what is booted is taken as it is */
        format?: "raw" | null;
      };
      /** With a ramdisk: a disc is made of both */
      kernel?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        /** `algo:hex`, bare hex, or the URL of a checksum file */
        checksum?: string;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Sent to the image's own origin only; write-only */
        auth?:
          | {
              username: string;
              password: string;
            }
          | {
              bearer: string;
            };
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** `raw`, if given: what is booted is taken as it is */
        format?: "raw" | null;
      };
      ramdisk?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        /** `algo:hex`, bare hex, or the URL of a checksum file */
        checksum?: string;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Sent to the image's own origin only; write-only */
        auth?:
          | {
              username: string;
              password: string;
            }
          | {
              bearer: string;
            };
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** `raw`, if given: what is booted is taken as it is */
        format?: "raw" | null;
      };
      /** EFI system partition with shim and grub; the server's own unless given */
      bootloader?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        /** `algo:hex`, bare hex, or the URL of a checksum file */
        checksum?: string;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Sent to the image's own origin only; write-only */
        auth?:
          | {
              username: string;
              password: string;
            }
          | {
              bearer: string;
            };
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** `raw`, if given: what is booted is taken as it is */
        format?: "raw" | null;
      };
    };
    /** inspect keeps an inventory of the node; clean runs steps of cleaning */
    purpose?: "deploy" | "inspect" | "clean";
    /** What ironic-python-agent is to do, from what its hardware managers offer; erase_devices_metadata for purpose clean unless given */
    agentSteps?: Schemas["AgentStepInput"][];
    /** When the agent's log is kept with the deployment */
    collectLogs?: "on-failure" | "always" | "never";
    /** In place of the node's setting. before: the disks lose their metadata before the steps of each deployment by the agent. after: they do when one fails or is cancelled after its first step had begun, so that nothing half-written is left */
    cleaning?: {
      before?: boolean;
      after?: boolean;
    };
    /** Must be true for steps that destroy data */
    confirm?: boolean;
    /** A string to append, or what to append, remove and replace; null: nothing */
    kernelArgs?:
      | (
          | string
          | {
              append?: string;
              remove?: string;
              replace?: string;
            }
        )
      | null;
    /** Files of the node's own on the disc, put into a boot ISO too */
    files?: (
      | {
          path: string;
          /** Unpacked over the ramdisk rather than on the disc; not with boot.iso */
          inRamdisk?: boolean;
          contentBase64: string;
        }
      | {
          path: string;
          /** Unpacked over the ramdisk rather than on the disc; not with boot.iso */
          inRamdisk?: boolean;
          /** Bytes that were sent ahead to POST /v1/blobs */
          blob: string;
        }
      | {
          path: string;
          /** Unpacked over the ramdisk rather than on the disc; not with boot.iso */
          inRamdisk?: boolean;
          /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
          url: string;
          /** `algo:hex`, bare hex, or the URL of a checksum file */
          checksum?: string;
        }
    )[];
    /** How files and documents get to a boot ISO: laid over it, on a second disc in another slot, or (auto) the latter where it cannot take them */
    ownVia?: "auto" | "patch" | "second-disc";
    /** Volume label; null: what reads the disc decides */
    discLabel?: string | null;
    /** A disk image that the agent writes */
    write?: Schemas["Write"];
    /** Kickstart, preseed, AutoYaST, Agama, Ignition or cloud-init's user data, as text or JSON, or {contentBase64}, {blob}, {url, checksum} */
    userData?:
      | (
          | string
          | {
              contentBase64: string;
            }
          | {
              /** Bytes that were sent ahead to POST /v1/blobs */
              blob: string;
            }
          | {
              /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
              url: string;
              /** `algo:hex`, bare hex, or the URL of a checksum file */
              checksum?: string;
            }
          | Record<string, unknown>
        )
      | null;
    /** Of cloud-init, as text or JSON, or {contentBase64}, {blob}, {url, checksum} */
    metaData?:
      | (
          | string
          | {
              contentBase64: string;
            }
          | {
              /** Bytes that were sent ahead to POST /v1/blobs */
              blob: string;
            }
          | {
              /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
              url: string;
              /** `algo:hex`, bare hex, or the URL of a checksum file */
              checksum?: string;
            }
          | Record<string, unknown>
        )
      | null;
    /** Of cloud-init, as text or JSON, or {contentBase64}, {blob}, {url, checksum} */
    vendorData?:
      | (
          | string
          | {
              contentBase64: string;
            }
          | {
              /** Bytes that were sent ahead to POST /v1/blobs */
              blob: string;
            }
          | {
              /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
              url: string;
              /** `algo:hex`, bare hex, or the URL of a checksum file */
              checksum?: string;
            }
          | Record<string, unknown>
        )
      | null;
    /** The node's unless given; null: none. OpenStack's network_data.json, or where it is */
    networkData?:
      | (
          | Schemas["NetworkData"]
          | {
              contentBase64: string;
            }
          | {
              /** Bytes that were sent ahead to POST /v1/blobs */
              blob: string;
            }
          | {
              /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
              url: string;
              /** `algo:hex`, bare hex, or the URL of a checksum file */
              checksum?: string;
            }
        )
      | null;
    /** When the deployment has succeeded */
    finish?: "powered-on" | "disc-read" | "os-running" | "powered-off" | "callback" | "agent";
    /** When the disc leaves the slot */
    eject?: "when-booted" | "on-reboot" | "on-callback" | "at-end" | "never";
    bootPolicy?: "once" | "persistent";
    bootMode?: "uefi" | "bios";
    /** `required` or `forbidden` is set, proven and else refused; `unchanged` by default */
    secureBoot?: "required" | "forbidden" | "unchanged";
    /** Final power */
    power?: "on" | "off";
    whenBusy?: "reject" | "queue";
    /** Counted from `startedAt` */
    timeoutMs?: number;
    discTtlMs?: number;
    /** The caller chooses the call-back path; write-only */
    callbackSecret?: string;
    /** Names and values of the caller's own; lists can be narrowed by them. */
    labels?: Record<string, string>;
  };
  AgentStepInput: {
    /** deploy, raid, bios, … */
    interface: string;
    step: string;
    /** Sealed, and shown with everything masked whose name says that it is secret */
    args?: Record<string, unknown>;
    /** Higher ones run first; without one, in the order given and before the disk is written */
    priority?: number;
    /** Limit of this step alone: an hour unless told, a day for erase_devices */
    timeoutMs?: number;
  };
  Write: {
    image: {
      /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
      url: string;
      /** `algo:hex`, bare hex, or the URL of a checksum file */
      checksum?: string;
      /** One file of a tar archive, or of an artefact of several files */
      member?: string;
      /** Sent to the image's own origin only; write-only */
      auth?:
        | {
            username: string;
            password: string;
          }
        | {
            bearer: string;
          };
      /** How the certificate of the image's own origin is judged */
      tls?: {
        /** PEM, beside the system's */
        ca?: string;
        fingerprint?: string;
      };
      /** Must be what the bytes are; found by content unless given */
      format?: "raw" | "gpt" | "qcow2" | "vmdk" | "vdi" | "vhd" | "vhdx";
      /** `whole-disk` unless told, whatever else is booted. `partition` is the file system of a root partition, for which the agent makes partitions and installs a boot loader from the image */
      kind?: "whole-disk" | "partition";
    };
    /** `store` unless told: Trayload fetches and verifies the image, and serves it to the agent. With `source` the agent reads the image's own URL */
    from?: "store" | "source";
    /** Hints by which the agent chooses the disk, all of which must fit; the node's unless given, else the smallest disk of 4 GiB and more */
    rootDevice?: Record<string, string | number | boolean>;
    /** Sizes of the partitions that are made for an image of kind `partition` */
    layout?: {
      rootMiB: number;
      swapMiB?: number;
      ephemeralMiB?: number;
    };
    /** `auto` makes one of `userData`, `metaData`, `networkData` and `vendorData` where any is given. A ready one is an ISO 9660 or FAT image, as it is or as gzip in base64 */
    configDrive?:
      | ("auto" | "none")
      | {
          contentBase64: string;
        }
      | {
          /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
          url: string;
          /** `algo:hex`, bare hex, or the URL of a checksum file */
          checksum?: string;
          /** Sent to the image's own origin only; write-only */
          auth?:
            | {
                username: string;
                password: string;
              }
            | {
                bearer: string;
              };
          /** How the certificate of the image's own origin is judged */
          tls?: {
            /** PEM, beside the system's */
            ca?: string;
            fingerprint?: string;
          };
        };
    /** Writes also what does not look bootable; waives nothing else */
    force?: boolean;
  };
  CampaignInput: {
    name: string;
    /** Ids or names, in the order in which they are to begin */
    nodes?: string[];
    /** In place of `nodes`: all that carry the labels and are in the site and the rack */
    selector?: {
      /** Names and values of the caller's own; lists can be narrowed by them. */
      labels?: Record<string, string>;
      site?: string;
      rack?: string;
    };
    /** How many nodes it should be; with another number nothing is done */
    expectNodes?: number;
    deployment: Schemas["CampaignDeployment"];
    limits?: {
      /** Deployments of this campaign at once; 50 unless given */
      concurrent?: number;
      /** In one rack of one site at once, whoever began them */
      perRack?: number | null;
      /** In one site at once, whoever began them */
      perSite?: number | null;
      /** What machines may read from one image server, the base URL that BMCs are given, in bytes per second */
      serverBytesPerSecond?: number | null;
      /** So many nodes first; the others begin when these have succeeded, and the campaign pauses when one fails */
      canary?: number;
      /** The campaign pauses with so many failed deployments; unless given a tenth of its nodes, but 3 at least */
      maxFailures?: number | null;
    };
    /** When deployments may begin; at any time where there are none. Those that were begun go on */
    windows?: Schemas["CampaignWindow"][];
    /** Its share where several campaigns want the same room; 1 unless given */
    weight?: number;
    /** When some nodes cannot be deployed as asked: refuse all of it and say which (the default), or leave those out. Nodes in maintenance are always left out */
    unfit?: "refuse" | "skip";
  };
  /** What is deployed, as of `POST /v1/deployments` */
  CampaignDeployment: {
    /** May be left out where the agent does the work: its default images are booted then */
    boot?: {
      /** A boot ISO; as it is, unless something of the node's own is asked */
      iso?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        /** `algo:hex`, bare hex, or the URL of a checksum file */
        checksum?: string;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Sent to the image's own origin only; write-only */
        auth?:
          | {
              username: string;
              password: string;
            }
          | {
              bearer: string;
            };
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** `raw`, if given: what is booted is taken as it is */
        format?: "raw" | null;
      };
      /** With a ramdisk: a disc is made of both */
      kernel?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        /** `algo:hex`, bare hex, or the URL of a checksum file */
        checksum?: string;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Sent to the image's own origin only; write-only */
        auth?:
          | {
              username: string;
              password: string;
            }
          | {
              bearer: string;
            };
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** `raw`, if given: what is booted is taken as it is */
        format?: "raw" | null;
      };
      ramdisk?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        /** `algo:hex`, bare hex, or the URL of a checksum file */
        checksum?: string;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Sent to the image's own origin only; write-only */
        auth?:
          | {
              username: string;
              password: string;
            }
          | {
              bearer: string;
            };
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** `raw`, if given: what is booted is taken as it is */
        format?: "raw" | null;
      };
      /** EFI system partition with shim and grub; the server's own unless given */
      bootloader?: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        /** `algo:hex`, bare hex, or the URL of a checksum file */
        checksum?: string;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Sent to the image's own origin only; write-only */
        auth?:
          | {
              username: string;
              password: string;
            }
          | {
              bearer: string;
            };
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** `raw`, if given: what is booted is taken as it is */
        format?: "raw" | null;
      };
    };
    /** inspect keeps an inventory of the node; clean runs steps of cleaning */
    purpose?: "deploy" | "inspect" | "clean";
    /** What ironic-python-agent is to do, from what its hardware managers offer; erase_devices_metadata for purpose clean unless given */
    agentSteps?: Schemas["AgentStepInput"][];
    /** When the agent's log is kept with the deployment */
    collectLogs?: "on-failure" | "always" | "never";
    /** In place of the node's setting. before: the disks lose their metadata before the steps of each deployment by the agent. after: they do when one fails or is cancelled after its first step had begun, so that nothing half-written is left */
    cleaning?: {
      before?: boolean;
      after?: boolean;
    };
    /** Must be true for steps that destroy data */
    confirm?: boolean;
    /** A string to append, or what to append, remove and replace; null: nothing */
    kernelArgs?:
      | (
          | string
          | {
              append?: string;
              remove?: string;
              replace?: string;
            }
        )
      | null;
    /** Files of the node's own on the disc, put into a boot ISO too */
    files?: (
      | {
          path: string;
          /** Unpacked over the ramdisk rather than on the disc; not with boot.iso */
          inRamdisk?: boolean;
          contentBase64: string;
        }
      | {
          path: string;
          /** Unpacked over the ramdisk rather than on the disc; not with boot.iso */
          inRamdisk?: boolean;
          /** Bytes that were sent ahead to POST /v1/blobs */
          blob: string;
        }
      | {
          path: string;
          /** Unpacked over the ramdisk rather than on the disc; not with boot.iso */
          inRamdisk?: boolean;
          /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
          url: string;
          /** `algo:hex`, bare hex, or the URL of a checksum file */
          checksum?: string;
        }
    )[];
    /** How files and documents get to a boot ISO: laid over it, on a second disc in another slot, or (auto) the latter where it cannot take them */
    ownVia?: "auto" | "patch" | "second-disc";
    /** Volume label; null: what reads the disc decides */
    discLabel?: string | null;
    /** A disk image that the agent writes */
    write?: Schemas["Write"];
    /** Kickstart, preseed, AutoYaST, Agama, Ignition or cloud-init's user data, as text or JSON, or {contentBase64}, {blob}, {url, checksum} */
    userData?:
      | (
          | string
          | {
              contentBase64: string;
            }
          | {
              /** Bytes that were sent ahead to POST /v1/blobs */
              blob: string;
            }
          | {
              /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
              url: string;
              /** `algo:hex`, bare hex, or the URL of a checksum file */
              checksum?: string;
            }
          | Record<string, unknown>
        )
      | null;
    /** Of cloud-init, as text or JSON, or {contentBase64}, {blob}, {url, checksum} */
    metaData?:
      | (
          | string
          | {
              contentBase64: string;
            }
          | {
              /** Bytes that were sent ahead to POST /v1/blobs */
              blob: string;
            }
          | {
              /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
              url: string;
              /** `algo:hex`, bare hex, or the URL of a checksum file */
              checksum?: string;
            }
          | Record<string, unknown>
        )
      | null;
    /** Of cloud-init, as text or JSON, or {contentBase64}, {blob}, {url, checksum} */
    vendorData?:
      | (
          | string
          | {
              contentBase64: string;
            }
          | {
              /** Bytes that were sent ahead to POST /v1/blobs */
              blob: string;
            }
          | {
              /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
              url: string;
              /** `algo:hex`, bare hex, or the URL of a checksum file */
              checksum?: string;
            }
          | Record<string, unknown>
        )
      | null;
    /** The node's unless given; null: none. OpenStack's network_data.json, or where it is */
    networkData?:
      | (
          | Schemas["NetworkData"]
          | {
              contentBase64: string;
            }
          | {
              /** Bytes that were sent ahead to POST /v1/blobs */
              blob: string;
            }
          | {
              /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
              url: string;
              /** `algo:hex`, bare hex, or the URL of a checksum file */
              checksum?: string;
            }
        )
      | null;
    /** When the deployment has succeeded */
    finish?: "powered-on" | "disc-read" | "os-running" | "powered-off" | "callback" | "agent";
    /** When the disc leaves the slot */
    eject?: "when-booted" | "on-reboot" | "on-callback" | "at-end" | "never";
    bootPolicy?: "once" | "persistent";
    bootMode?: "uefi" | "bios";
    /** `required` or `forbidden` is set, proven and else refused; `unchanged` by default */
    secureBoot?: "required" | "forbidden" | "unchanged";
    /** Final power */
    power?: "on" | "off";
    /** Counted from `startedAt` */
    timeoutMs?: number;
    discTtlMs?: number;
    /** Names and values of the caller's own; lists can be narrowed by them. */
    labels?: Record<string, string>;
  };
  CampaignWindow: {
    /** On which it opens; every day where there are none */
    days?: ("sun" | "mon" | "tue" | "wed" | "thu" | "fri" | "sat")[];
    from: string;
    /** On the next day where it is not after `from` */
    to: string;
    timeZone?: string;
  };
  CampaignCancel: {
    /** Whether deployments that were begun are cancelled too, or may end by themselves */
    running?: "cancel" | "finish";
  };
  TokenInput: {
    /** Shown wherever it is told who did something */
    name: string;
    /** `viewer` reads; `operator` deploys, switches and ejects besides; `admin` changes nodes and tokens besides; `auditor` reads, the audit too */
    role: "viewer" | "operator" | "admin" | "auditor";
    /** Labels that a node must carry for the token to see it; none for all nodes */
    scope?: Record<string, string>;
    /** When it ends; null for never */
    expiresAt?: string | null;
  };
  WebhookInput: {
    url: string;
    /** `deployment.`, `operation.` or `campaign.` with the type of an event, or with `*`; `*` for all */
    events?: string[];
    /** `whsec_` and the base64 of 24 to 64 bytes, as Standard Webhooks has it; made unless given */
    secret?: string;
  };
  ReplayInput: {
    /** All that are dead unless given */
    delivery?: string;
  };
  /** The agent's images by architecture */
  AgentImagesInput: {
    x86_64?: {
      kernel: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        checksum?: string | null;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away */
        auth?:
          | (
              | {
                  username: string;
                  password: string;
                }
              | {
                  bearer: string;
                }
            )
          | null;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** Shown where there is an `auth`, and passed over, so that what was read may be sent back */
        hasAuth?: boolean;
      };
      ramdisk: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        checksum?: string | null;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away */
        auth?:
          | (
              | {
                  username: string;
                  password: string;
                }
              | {
                  bearer: string;
                }
            )
          | null;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** Shown where there is an `auth`, and passed over, so that what was read may be sent back */
        hasAuth?: boolean;
      };
    };
    aarch64?: {
      kernel: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        checksum?: string | null;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away */
        auth?:
          | (
              | {
                  username: string;
                  password: string;
                }
              | {
                  bearer: string;
                }
            )
          | null;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** Shown where there is an `auth`, and passed over, so that what was read may be sent back */
        hasAuth?: boolean;
      };
      ramdisk: {
        /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
        url: string;
        checksum?: string | null;
        /** One file of a tar archive, or of an artefact of several files */
        member?: string;
        /** Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away */
        auth?:
          | (
              | {
                  username: string;
                  password: string;
                }
              | {
                  bearer: string;
                }
            )
          | null;
        /** How the certificate of the image's own origin is judged */
        tls?: {
          /** PEM, beside the system's */
          ca?: string;
          fingerprint?: string;
        };
        /** Shown where there is an `auth`, and passed over, so that what was read may be sent back */
        hasAuth?: boolean;
      };
    };
  };
  ImageInput: {
    /** http://, https://, file://, or oci://host/repository[:tag][@digest] */
    url: string;
    /** `algo:hex`, bare hex, or the URL of a checksum file */
    checksum?: string;
    /** One file of a tar archive, or of an artefact of several files */
    member?: string;
    /** Sent to the image's own origin only; write-only */
    auth?:
      | {
          username: string;
          password: string;
        }
      | {
          bearer: string;
        };
    /** How the certificate of the image's own origin is judged */
    tls?: {
      /** PEM, beside the system's */
      ca?: string;
      fingerprint?: string;
    };
    /** Chooses from an artefact for several machines */
    arch?: "x86_64" | "aarch64";
  };
  Node: {
    id: string;
    name: string;
    arch: "x86_64" | "aarch64";
    bootMode: ("uefi" | "bios") | null;
    macs: string[];
    site: string | null;
    rack: string | null;
    /** Names and values of the caller's own; lists can be narrowed by them. */
    labels: Record<string, string>;
    /** Refuses deployments, power-off and eject */
    protected: boolean;
    maintenance: boolean;
    /** Base URL that this BMC is given for discs */
    provisionUrl: string | null;
    networkData: Record<string, unknown> | null;
    rootDevice: Record<string, unknown> | null;
    cleaning: {
      before: boolean;
      after: boolean;
    };
    agent: {
      kind: "ipa" | "coreos";
      kernel: {
        url: string;
        checksum: string | null;
        member?: string;
        tls?: {
          ca?: string;
          fingerprint?: string;
        };
        /** Whether its server is sent an `auth`, which is never shown */
        hasAuth?: boolean;
      } | null;
      ramdisk: {
        url: string;
        checksum: string | null;
        member?: string;
        tls?: {
          ca?: string;
          fingerprint?: string;
        };
        /** Whether its server is sent an `auth`, which is never shown */
        hasAuth?: boolean;
      } | null;
      iso?: {
        url: string;
        checksum: string | null;
        member?: string;
        tls?: {
          ca?: string;
          fingerprint?: string;
        };
        /** Whether its server is sent an `auth`, which is never shown */
        hasAuth?: boolean;
      } | null;
      rootfs?: {
        url: string;
        checksum: string | null;
        member?: string;
        tls?: {
          ca?: string;
          fingerprint?: string;
        };
        /** Whether its server is sent an `auth`, which is never shown */
        hasAuth?: boolean;
      } | null;
      ignition?: Record<string, unknown> | null;
      kernelArgs: string;
    } | null;
    bmc: {
      address: string;
      username: string;
      /** How the BMC's certificate is judged; `pin` without a fingerprint pins the first one seen. */
      tls:
        | {
            mode: "verify";
            ca?: string;
          }
        | {
            mode: "pin";
            fingerprint?: string;
          }
        | {
            mode: "insecure";
          };
      systemId: string | null;
      /** Anybody on the way could read the password */
      insecure: boolean;
      /** Of the machine, as the BMC says */
      health: string | null;
      model: string | null;
      firmware: string | null;
      /** On single nodes only */
      standing?: Schemas["BmcStanding"];
    };
    state: "deployable" | "deploying" | "inspecting" | "cleaning" | "deployed" | "failed";
    power: string | null;
    reachable: boolean | null;
    seenAt: string | null;
    systemPath: string | null;
    manufacturer: string | null;
    model: string | null;
    serialNumber: string | null;
    /** On single nodes only */
    capabilities?: Schemas["Capabilities"] | null;
    /** The disc in the slot, its policy and what is owed */
    media: {
      deploymentId: string;
      slot: string;
      /** That of a second disc beside it */
      secondSlot?: string;
      eject: string;
      until: string | null;
      /** What a clean-up could not do */
      owed: string | null;
    } | null;
    deployment: Schemas["NewestDeployment"] | null;
    version: number;
    /** RFC 3339, UTC */
    createdAt: string;
    /** RFC 3339, UTC */
    updatedAt: string;
  };
  BmcStanding: {
    /** Whether a session of ours is kept open at the BMC */
    hasSession: boolean;
    /** The BMC could not be reached so often that it is left alone for a while */
    outage: {
      failures: number;
      /** RFC 3339, UTC */
      since: string;
      /** RFC 3339, UTC */
      nextTryAt: string;
    } | null;
  };
  /** What the BMC showed of itself when it was last described */
  Capabilities: {
    /** When it was seen */
    at: string;
    redfishVersion: string | null;
    biosVersion: string | null;
    managers: {
      path: string;
      model: string | null;
      firmwareVersion: string | null;
    }[];
    slots: {
      path: string;
      under: "system" | "manager";
      types: string[];
      takesDisc: boolean;
      /** Ways to get a disc in, the standard's own first */
      ways: string[];
    }[];
    /** What is missing where no slot takes a disc */
    lack: string | null;
    /** The resource whose HttpBootUri the firmware fetches: the way in where no slot works */
    httpBoot?: string | null;
    bootTargets: string[] | null;
    resetTypes: string[] | null;
    hasBootProgress: boolean;
    /** Rows that apply */
    quirks: {
      name: string;
      why: string;
    }[];
    /** What worked last, after other ways had failed */
    preferred: {
      path: string;
      media: string;
      boot: string;
    } | null;
  };
  /** What a list of nodes shows of each node's newest deployment */
  NewestDeployment: {
    id: string;
    state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
    step: string | null;
    /** Place of `step` among the steps, from 1 */
    stepNumber: number | null;
    stepCount: number;
    waitingOn: Schemas["WaitingOn"] | null;
    /** While it runs */
    progress: Schemas["Progress"] | null;
    error: Schemas["Failure"] | null;
    cancelRequested: boolean;
    boot:
      | {
          iso: {
            url: string;
            checksum: string | null;
            member?: string;
            tls?: {
              ca?: string;
              fingerprint?: string;
            };
            arch?: string;
            /** With the digest that the tag led to when the deployment was accepted */
            pinnedUrl?: string;
          };
        }
      | {
          kernel: {
            url: string;
            checksum: string | null;
            member?: string;
            tls?: {
              ca?: string;
              fingerprint?: string;
            };
            arch?: string;
            /** With the digest that the tag led to when the deployment was accepted */
            pinnedUrl?: string;
          };
          ramdisk: {
            url: string;
            checksum: string | null;
            member?: string;
            tls?: {
              ca?: string;
              fingerprint?: string;
            };
            arch?: string;
            /** With the digest that the tag led to when the deployment was accepted */
            pinnedUrl?: string;
          };
          bootloader: {
            url: string;
            checksum: string | null;
            member?: string;
            tls?: {
              ca?: string;
              fingerprint?: string;
            };
            arch?: string;
            /** With the digest that the tag led to when the deployment was accepted */
            pinnedUrl?: string;
          } | null;
          rootfs: {
            url: string;
            checksum: string | null;
            member?: string;
            tls?: {
              ca?: string;
              fingerprint?: string;
            };
            arch?: string;
            /** With the digest that the tag led to when the deployment was accepted */
            pinnedUrl?: string;
          };
        }
      | {
          kernel: {
            url: string;
            checksum: string | null;
            member?: string;
            tls?: {
              ca?: string;
              fingerprint?: string;
            };
            arch?: string;
            /** With the digest that the tag led to when the deployment was accepted */
            pinnedUrl?: string;
          };
          ramdisk: {
            url: string;
            checksum: string | null;
            member?: string;
            tls?: {
              ca?: string;
              fingerprint?: string;
            };
            arch?: string;
            /** With the digest that the tag led to when the deployment was accepted */
            pinnedUrl?: string;
          };
          bootloader: {
            url: string;
            checksum: string | null;
            member?: string;
            tls?: {
              ca?: string;
              fingerprint?: string;
            };
            arch?: string;
            /** With the digest that the tag led to when the deployment was accepted */
            pinnedUrl?: string;
          } | null;
        };
    /** RFC 3339, UTC */
    createdAt: string;
    startedAt: string | null;
    endedAt: string | null;
  };
  WaitingOn: {
    what: string;
    /** RFC 3339, UTC */
    since: string;
    /** RFC 3339, UTC */
    until: string;
    cause: string | null;
    /** What will happen next */
    next: string | null;
  };
  /** A sample, with its own time; never an event */
  Progress: {
    percent: number;
    /** Distinct bytes, in blocks of 64 KiB */
    discBytesRead: number;
    discSizeBytes: number;
    discShare: number;
    bytesPerSecond: number;
    lastReadAt: string | null;
    /** About when it is over; null while nothing tells */
    etaAt: string | null;
    /** Judged by what is left to read, or by what like deployments took for the steps to come */
    etaFrom: ("bytes" | "history") | null;
    image: {
      bytesRead: number;
      sizeBytes: number;
      bytesPerSecond: number;
      lastReadAt: string | null;
      etaAt: string | null;
    } | null;
    /** RFC 3339, UTC */
    sampledAt: string;
  };
  Failure: {
    code: Schemas["FailureCode"];
    message: string;
    hint: string | null;
    retryable: boolean;
    step: string | null;
    cause: string[];
  };
  /** Stable; only ever added to */
  FailureCode:
    | "action-not-seen"
    | "agent-answer-unreadable"
    | "agent-busy"
    | "agent-certificate-changed"
    | "agent-command-failed"
    | "agent-coreos-invalid"
    | "agent-images-missing"
    | "agent-log-unknown"
    | "agent-lost"
    | "agent-not-heard"
    | "agent-outcome-unknown"
    | "agent-refused"
    | "agent-rejected"
    | "agent-restarted"
    | "agent-step-timed-out"
    | "agent-step-unknown"
    | "agent-steps-invalid"
    | "agent-timed-out"
    | "agent-token-refused"
    | "agent-unreachable"
    | "agent-version-changed"
    | "blob-not-found"
    | "bmc-access-denied"
    | "bmc-answer-unreadable"
    | "bmc-at-work"
    | "bmc-busy"
    | "bmc-certificate-changed"
    | "bmc-certificate-untrusted"
    | "bmc-failed"
    | "bmc-in-use"
    | "bmc-not-found"
    | "bmc-rejected"
    | "bmc-timed-out"
    | "bmc-unreachable"
    | "bmc-unsupported"
    | "body-too-deep"
    | "body-too-large"
    | "boot-missing"
    | "boot-override-not-kept"
    | "bootloader-not-found"
    | "callback-secret-in-use"
    | "callback-unreachable"
    | "campaign-finished"
    | "campaign-moved-on"
    | "campaign-nodes-missing"
    | "campaign-not-found"
    | "campaign-not-retryable"
    | "campaign-size-unexpected"
    | "campaign-unfit"
    | "checksum-invalid"
    | "checksum-required"
    | "config-drive-invalid"
    | "confirm-needed"
    | "cross-site-request"
    | "data-not-read"
    | "database-unavailable"
    | "delivery-not-found"
    | "deployment-finished"
    | "deployment-not-finished"
    | "deployment-not-found"
    | "deployment-not-retryable"
    | "deployment-timed-out"
    | "disc-label-invalid"
    | "disc-not-reached"
    | "disc-not-read"
    | "eject-too-early"
    | "files-invalid"
    | "finish-unsupported"
    | "forbidden"
    | "idempotency-in-progress"
    | "idempotency-key-reused"
    | "image-access-denied"
    | "image-certificate-untrusted"
    | "image-checksum-mismatch"
    | "image-format-mismatch"
    | "image-format-not-permitted"
    | "image-in-use"
    | "image-member-not-found"
    | "image-not-allowed"
    | "image-not-bootable"
    | "image-not-found"
    | "image-store-full"
    | "image-too-large"
    | "image-unknown"
    | "image-unreachable"
    | "image-unsafe"
    | "installer-failed"
    | "instance-data-unread"
    | "internal-error"
    | "invalid-field"
    | "invalid-header"
    | "invalid-query"
    | "inventory-unknown"
    | "iso-already-customised"
    | "iso-damaged"
    | "iso-data-not-read"
    | "iso-is-udf"
    | "iso-media-check"
    | "iso-no-boot-menu"
    | "iso-no-room"
    | "iso-not-writable"
    | "iso-signed-kernel"
    | "iso-unsupported"
    | "json-invalid"
    | "kernel-args-invalid"
    | "log-in-refused"
    | "log-in-stale"
    | "log-in-unavailable"
    | "master-key-invalid"
    | "media-not-inserted"
    | "media-type-unsupported"
    | "method-not-allowed"
    | "network-data-invalid"
    | "network-data-unsupported"
    | "node-busy"
    | "node-deploying"
    | "node-field-invalid"
    | "node-in-use"
    | "node-name-in-use"
    | "node-not-found"
    | "node-protected"
    | "node-version-stale"
    | "not-acceptable"
    | "oidc-not-set-up"
    | "operation-not-found"
    | "part-too-large"
    | "power-not-reached"
    | "provision-url-loopback"
    | "provision-url-missing"
    | "restored-from-backup"
    | "root-device-invalid"
    | "route-not-found"
    | "second-disc-unfit"
    | "secret-unreadable"
    | "secure-boot-not-set"
    | "secure-boot-unsupported"
    | "server-exhausted"
    | "shutting-down"
    | "slot-not-found"
    | "step-timed-out"
    | "token-name-in-use"
    | "token-not-found"
    | "too-many-failed-logins"
    | "too-many-requests"
    | "unauthorized"
    | "unknown-field"
    | "webhook-not-allowed"
    | "webhook-not-found"
    | "webhook-secret-invalid"
    | "write-invalid";
  Problem: {
    type: string;
    title: string;
    status: number;
    detail: string;
    code: Schemas["ErrorCode"];
    hint?: string;
    errors?: {
      path: string;
      message: string;
    }[];
    /** The deployment that is in the way */
    deploymentId?: string;
    /** The operation that is in the way */
    operationId?: string;
    requestId?: string;
  };
  /** Stable; only ever added to */
  ErrorCode:
    | "unauthorized"
    | "too-many-failed-logins"
    | "forbidden"
    | "too-many-requests"
    | "token-name-in-use"
    | "token-not-found"
    | "campaign-not-found"
    | "campaign-finished"
    | "campaign-not-retryable"
    | "campaign-unfit"
    | "campaign-size-unexpected"
    | "campaign-nodes-missing"
    | "campaign-moved-on"
    | "webhook-not-found"
    | "delivery-not-found"
    | "webhook-not-allowed"
    | "webhook-secret-invalid"
    | "cross-site-request"
    | "oidc-not-set-up"
    | "log-in-stale"
    | "log-in-refused"
    | "log-in-unavailable"
    | "route-not-found"
    | "method-not-allowed"
    | "media-type-unsupported"
    | "not-acceptable"
    | "body-too-large"
    | "body-too-deep"
    | "json-invalid"
    | "unknown-field"
    | "invalid-field"
    | "invalid-query"
    | "invalid-header"
    | "idempotency-key-reused"
    | "idempotency-in-progress"
    | "shutting-down"
    | "database-unavailable"
    | "internal-error"
    | "node-not-found"
    | "node-busy"
    | "node-protected"
    | "node-name-in-use"
    | "bmc-in-use"
    | "node-version-stale"
    | "node-deploying"
    | "node-field-invalid"
    | "secret-unreadable"
    | "master-key-invalid"
    | "deployment-not-found"
    | "operation-not-found"
    | "deployment-finished"
    | "deployment-not-finished"
    | "deployment-not-retryable"
    | "callback-secret-in-use"
    | "callback-unreachable"
    | "eject-too-early"
    | "image-not-allowed"
    | "checksum-invalid"
    | "checksum-required"
    | "image-unknown"
    | "inventory-unknown"
    | "agent-log-unknown"
    | "image-unreachable"
    | "image-not-found"
    | "image-access-denied"
    | "image-certificate-untrusted"
    | "image-checksum-mismatch"
    | "image-not-bootable"
    | "image-unsafe"
    | "image-format-mismatch"
    | "image-format-not-permitted"
    | "iso-not-writable"
    | "iso-damaged"
    | "iso-unsupported"
    | "iso-is-udf"
    | "iso-signed-kernel"
    | "iso-no-boot-menu"
    | "iso-media-check"
    | "iso-no-room"
    | "iso-already-customised"
    | "iso-data-not-read"
    | "image-member-not-found"
    | "image-too-large"
    | "image-in-use"
    | "image-store-full"
    | "bootloader-not-found"
    | "data-not-read"
    | "disc-label-invalid"
    | "config-drive-invalid"
    | "files-invalid"
    | "kernel-args-invalid"
    | "root-device-invalid"
    | "write-invalid"
    | "instance-data-unread"
    | "boot-missing"
    | "agent-images-missing"
    | "agent-steps-invalid"
    | "confirm-needed"
    | "finish-unsupported"
    | "second-disc-unfit"
    | "blob-not-found"
    | "network-data-invalid"
    | "network-data-unsupported";
  NodeItem: {
    id: string;
    name?: string;
    arch?: "x86_64" | "aarch64";
    bootMode?: ("uefi" | "bios") | null;
    macs?: string[];
    site?: string | null;
    rack?: string | null;
    /** Names and values of the caller's own; lists can be narrowed by them. */
    labels?: Record<string, string>;
    /** Refuses deployments, power-off and eject */
    protected?: boolean;
    maintenance?: boolean;
    /** Base URL that this BMC is given for discs */
    provisionUrl?: string | null;
    networkData?: Record<string, unknown> | null;
    rootDevice?: Record<string, unknown> | null;
    cleaning?: {
      before: boolean;
      after: boolean;
    };
    agent?: {
      kind: "ipa" | "coreos";
      kernel: {
        url: string;
        checksum: string | null;
        member?: string;
        tls?: {
          ca?: string;
          fingerprint?: string;
        };
        /** Whether its server is sent an `auth`, which is never shown */
        hasAuth?: boolean;
      } | null;
      ramdisk: {
        url: string;
        checksum: string | null;
        member?: string;
        tls?: {
          ca?: string;
          fingerprint?: string;
        };
        /** Whether its server is sent an `auth`, which is never shown */
        hasAuth?: boolean;
      } | null;
      iso?: {
        url: string;
        checksum: string | null;
        member?: string;
        tls?: {
          ca?: string;
          fingerprint?: string;
        };
        /** Whether its server is sent an `auth`, which is never shown */
        hasAuth?: boolean;
      } | null;
      rootfs?: {
        url: string;
        checksum: string | null;
        member?: string;
        tls?: {
          ca?: string;
          fingerprint?: string;
        };
        /** Whether its server is sent an `auth`, which is never shown */
        hasAuth?: boolean;
      } | null;
      ignition?: Record<string, unknown> | null;
      kernelArgs: string;
    } | null;
    bmc?: {
      address: string;
      username: string;
      /** How the BMC's certificate is judged; `pin` without a fingerprint pins the first one seen. */
      tls:
        | {
            mode: "verify";
            ca?: string;
          }
        | {
            mode: "pin";
            fingerprint?: string;
          }
        | {
            mode: "insecure";
          };
      systemId: string | null;
      /** Anybody on the way could read the password */
      insecure: boolean;
      /** Of the machine, as the BMC says */
      health: string | null;
      model: string | null;
      firmware: string | null;
      /** On single nodes only */
      standing?: Schemas["BmcStanding"];
    };
    state?: "deployable" | "deploying" | "inspecting" | "cleaning" | "deployed" | "failed";
    power?: string | null;
    reachable?: boolean | null;
    seenAt?: string | null;
    systemPath?: string | null;
    manufacturer?: string | null;
    model?: string | null;
    serialNumber?: string | null;
    /** On single nodes only */
    capabilities?: Schemas["Capabilities"] | null;
    /** The disc in the slot, its policy and what is owed */
    media?: {
      deploymentId: string;
      slot: string;
      /** That of a second disc beside it */
      secondSlot?: string;
      eject: string;
      until: string | null;
      /** What a clean-up could not do */
      owed: string | null;
    } | null;
    deployment?: Schemas["NewestDeployment"] | null;
    version?: number;
    /** RFC 3339, UTC */
    createdAt?: string;
    /** RFC 3339, UTC */
    updatedAt?: string;
  };
  Operation: {
    id: string;
    node: {
      id: string;
      name: string;
    };
    state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
    final: boolean;
    /** Sequence number of the last event */
    version: number;
    step: string | null;
    steps: Schemas["Step"][];
    waitingOn: Schemas["WaitingOn"] | null;
    error: Schemas["Failure"] | null;
    /** RFC 3339, UTC */
    createdAt: string;
    startedAt: string | null;
    endedAt: string | null;
    /** The trace that it belongs to (W3C Trace Context), as whoever asked named it */
    traceparent: string | null;
    kind: "power" | "eject" | "preflight" | "bmc-reset" | "eject-when-due";
    /** What was asked of the power; null for other kinds */
    action: string | null;
    /** What came of it; a preflight's is a list of {check, outcome: pass|warn|fail|skip, detail, hint} */
    result: unknown;
  };
  Step: {
    name: string;
    state: "pending" | "running" | "waiting" | "done" | "skipped" | "failed";
    startedAt: string | null;
    endedAt: string | null;
    attempts: number;
    timeoutMs: number;
    /** What the agent is asked to do in it */
    agent?: {
      interface: string;
      step: string;
      args: Record<string, unknown>;
      priority: number;
    };
  };
  DeploymentItem: {
    id: string;
    node?: {
      id: string;
      name: string;
    };
    state?: "queued" | "running" | "succeeded" | "failed" | "cancelled";
    final?: boolean;
    /** Sequence number of the last event */
    version?: number;
    step?: string | null;
    steps?: Schemas["Step"][];
    waitingOn?: Schemas["WaitingOn"] | null;
    error?: Schemas["Failure"] | null;
    /** RFC 3339, UTC */
    createdAt?: string;
    startedAt?: string | null;
    endedAt?: string | null;
    /** The trace that it belongs to (W3C Trace Context), as whoever asked named it */
    traceparent?: string | null;
    progress?: Schemas["Progress"] | null;
    /** How far the BMC said last that the machine's boot was (BootProgress) */
    bootProgress?: {
      state: string;
      /** RFC 3339, UTC */
      at: string;
    } | null;
    evidence?: {
      what: string;
      how: string;
      strength: "strong" | "weak";
      /** RFC 3339, UTC */
      at: string;
    }[];
    warnings?: string[];
    /** The call-back that counts */
    callback?: {
      status: string;
      percent: number | null;
      message: string | null;
      /** RFC 3339, UTC */
      at: string;
    } | null;
    cancelRequested?: {
      by: string;
      /** RFC 3339, UTC */
      at: string;
    } | null;
    /** Whether the BMC was left clean; null before the end */
    clean?: boolean | null;
    /** What was asked, with the defaults that were chosen; without its secrets */
    request?: {
      node: string;
      purpose: string;
      boot:
        | {
            iso: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
          }
        | {
            kernel: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
            ramdisk: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
            bootloader: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            } | null;
            rootfs: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
          }
        | {
            kernel: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
            ramdisk: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
            bootloader: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            } | null;
          };
      kernelArgs:
        | string
        | {
            append?: string;
            remove?: string;
            replace?: string;
          };
      files: (
        | {
            path: string;
            inRamdisk?: boolean;
            sizeBytes: number;
          }
        | {
            path: string;
            inRamdisk?: boolean;
            blob: string;
          }
        | {
            path: string;
            inRamdisk?: boolean;
            url: string;
            checksum: string | null;
          }
      )[];
      ownVia?: string;
      discLabel: string | null;
      write?: {
        image: {
          url: string;
          checksum: string | null;
          member?: string;
          tls?: {
            ca?: string;
            fingerprint?: string;
          };
          arch?: string;
          /** With the digest that the tag led to when the deployment was accepted */
          pinnedUrl?: string;
          kind: string;
          format: string | null;
          layout: {
            rootMiB: number;
            swapMiB?: number;
            ephemeralMiB?: number;
          } | null;
        };
        from: string;
        rootDevice: Record<string, string | number | boolean> | null;
        configDrive:
          | {
              kind: "none" | "made";
            }
          | {
              kind: "given";
              sizeBytes: number;
            }
          | {
              kind: "fetched";
              image: {
                url: string;
                checksum: string | null;
                member?: string;
                tls?: {
                  ca?: string;
                  fingerprint?: string;
                };
                arch?: string;
                /** With the digest that the tag led to when the deployment was accepted */
                pinnedUrl?: string;
              };
            };
        force: boolean;
      };
      /** What the agent does, in the order in which it runs */
      agent?: {
        steps: {
          interface: string;
          step: string;
          args: Record<string, unknown>;
          priority: number;
          timeoutMs: number;
        }[];
        collectLogs: "on-failure" | "always" | "never";
        /** Whether the disks lose their metadata when it comes to no good end */
        cleansAfter?: boolean;
      };
      /** How large it is, or where its bytes are */
      userData?:
        | (
            | {
                sizeBytes: number;
              }
            | {
                blob: string;
              }
            | {
                url: string;
                checksum: string | null;
              }
          )
        | null;
      /** How large it is, or where its bytes are */
      metaData?:
        | (
            | {
                sizeBytes: number;
              }
            | {
                blob: string;
              }
            | {
                url: string;
                checksum: string | null;
              }
          )
        | null;
      /** How large it is, or where its bytes are */
      vendorData?:
        | (
            | {
                sizeBytes: number;
              }
            | {
                blob: string;
              }
            | {
                url: string;
                checksum: string | null;
              }
          )
        | null;
      /** How large it is, or where its bytes are */
      networkData?:
        | (
            | {
                sizeBytes: number;
              }
            | {
                blob: string;
              }
            | {
                url: string;
                checksum: string | null;
              }
          )
        | null;
      finish: "powered-on" | "disc-read" | "os-running" | "powered-off" | "callback" | "agent";
      eject: "when-booted" | "on-reboot" | "on-callback" | "at-end" | "never";
      bootPolicy: "once" | "persistent";
      bootMode: ("uefi" | "bios") | null;
      secureBoot: "required" | "forbidden" | "unchanged";
      power: "on" | "off";
      whenBusy: "reject" | "queue";
      timeoutMs: number;
      discTtlMs: number;
      labels: Record<string, string>;
    };
    retryOf?: string | null;
    /** Id of the campaign that asked for it */
    campaign?: string | null;
    /** On single deployments only */
    retriedAs?: string | null;
    lateSuccessAt?: string | null;
  };
  Deployment: {
    id: string;
    node: {
      id: string;
      name: string;
    };
    state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
    final: boolean;
    /** Sequence number of the last event */
    version: number;
    step: string | null;
    steps: Schemas["Step"][];
    waitingOn: Schemas["WaitingOn"] | null;
    error: Schemas["Failure"] | null;
    /** RFC 3339, UTC */
    createdAt: string;
    startedAt: string | null;
    endedAt: string | null;
    /** The trace that it belongs to (W3C Trace Context), as whoever asked named it */
    traceparent: string | null;
    progress: Schemas["Progress"] | null;
    /** How far the BMC said last that the machine's boot was (BootProgress) */
    bootProgress: {
      state: string;
      /** RFC 3339, UTC */
      at: string;
    } | null;
    evidence: {
      what: string;
      how: string;
      strength: "strong" | "weak";
      /** RFC 3339, UTC */
      at: string;
    }[];
    warnings: string[];
    /** The call-back that counts */
    callback: {
      status: string;
      percent: number | null;
      message: string | null;
      /** RFC 3339, UTC */
      at: string;
    } | null;
    cancelRequested: {
      by: string;
      /** RFC 3339, UTC */
      at: string;
    } | null;
    /** Whether the BMC was left clean; null before the end */
    clean: boolean | null;
    /** What was asked, with the defaults that were chosen; without its secrets */
    request: {
      node: string;
      purpose: string;
      boot:
        | {
            iso: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
          }
        | {
            kernel: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
            ramdisk: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
            bootloader: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            } | null;
            rootfs: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
          }
        | {
            kernel: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
            ramdisk: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
            bootloader: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            } | null;
          };
      kernelArgs:
        | string
        | {
            append?: string;
            remove?: string;
            replace?: string;
          };
      files: (
        | {
            path: string;
            inRamdisk?: boolean;
            sizeBytes: number;
          }
        | {
            path: string;
            inRamdisk?: boolean;
            blob: string;
          }
        | {
            path: string;
            inRamdisk?: boolean;
            url: string;
            checksum: string | null;
          }
      )[];
      ownVia?: string;
      discLabel: string | null;
      write?: {
        image: {
          url: string;
          checksum: string | null;
          member?: string;
          tls?: {
            ca?: string;
            fingerprint?: string;
          };
          arch?: string;
          /** With the digest that the tag led to when the deployment was accepted */
          pinnedUrl?: string;
          kind: string;
          format: string | null;
          layout: {
            rootMiB: number;
            swapMiB?: number;
            ephemeralMiB?: number;
          } | null;
        };
        from: string;
        rootDevice: Record<string, string | number | boolean> | null;
        configDrive:
          | {
              kind: "none" | "made";
            }
          | {
              kind: "given";
              sizeBytes: number;
            }
          | {
              kind: "fetched";
              image: {
                url: string;
                checksum: string | null;
                member?: string;
                tls?: {
                  ca?: string;
                  fingerprint?: string;
                };
                arch?: string;
                /** With the digest that the tag led to when the deployment was accepted */
                pinnedUrl?: string;
              };
            };
        force: boolean;
      };
      /** What the agent does, in the order in which it runs */
      agent?: {
        steps: {
          interface: string;
          step: string;
          args: Record<string, unknown>;
          priority: number;
          timeoutMs: number;
        }[];
        collectLogs: "on-failure" | "always" | "never";
        /** Whether the disks lose their metadata when it comes to no good end */
        cleansAfter?: boolean;
      };
      /** How large it is, or where its bytes are */
      userData?:
        | (
            | {
                sizeBytes: number;
              }
            | {
                blob: string;
              }
            | {
                url: string;
                checksum: string | null;
              }
          )
        | null;
      /** How large it is, or where its bytes are */
      metaData?:
        | (
            | {
                sizeBytes: number;
              }
            | {
                blob: string;
              }
            | {
                url: string;
                checksum: string | null;
              }
          )
        | null;
      /** How large it is, or where its bytes are */
      vendorData?:
        | (
            | {
                sizeBytes: number;
              }
            | {
                blob: string;
              }
            | {
                url: string;
                checksum: string | null;
              }
          )
        | null;
      /** How large it is, or where its bytes are */
      networkData?:
        | (
            | {
                sizeBytes: number;
              }
            | {
                blob: string;
              }
            | {
                url: string;
                checksum: string | null;
              }
          )
        | null;
      finish: "powered-on" | "disc-read" | "os-running" | "powered-off" | "callback" | "agent";
      eject: "when-booted" | "on-reboot" | "on-callback" | "at-end" | "never";
      bootPolicy: "once" | "persistent";
      bootMode: ("uefi" | "bios") | null;
      secureBoot: "required" | "forbidden" | "unchanged";
      power: "on" | "off";
      whenBusy: "reject" | "queue";
      timeoutMs: number;
      discTtlMs: number;
      labels: Record<string, string>;
    };
    retryOf: string | null;
    /** Id of the campaign that asked for it */
    campaign: string | null;
    /** On single deployments only */
    retriedAs?: string | null;
    lateSuccessAt: string | null;
  };
  Campaign: {
    id: string;
    name: string;
    /** `cancelling` while deployments that were begun end; `succeeded` when each node has, or was skipped */
    state: "running" | "paused" | "cancelling" | "succeeded" | "failed" | "cancelled";
    final: boolean;
    /** Raised by each change */
    version: number;
    counts: Schemas["CampaignCounts"];
    /** Share of the nodes that are over */
    percent: number;
    /** About when it ends, judged by the deployments so far; null while unknown */
    etaAt: string | null;
    /** What the nodes that wait are waiting for */
    waitingOn: {
      /** Which limit it waits for; `node` that somebody else has the machine, `turn` nothing: it is about to begin */
      limit:
        | "paused"
        | "window"
        | "canary"
        | "concurrent"
        | "perSite"
        | "perRack"
        | "serverBandwidth"
        | "allCampaigns"
        | "node"
        | "turn";
      nodes: number;
      what: string;
    }[];
    canary: "none" | "waiting" | "passed";
    paused: {
      /** Name of a token; null when a limit did it */
      by: string | null;
      /** RFC 3339, UTC */
      at: string;
      reason: "asked" | "max-failures" | "canary-failed";
    } | null;
    cancelRequested: {
      by: string;
      /** RFC 3339, UTC */
      at: string;
      running: "cancel" | "finish";
    } | null;
    /** Null where deployments may begin at any time */
    window: {
      isOpen: boolean;
      /** When the next one opens; null while one is open */
      opensAt: string | null;
    } | null;
    limits: {
      /** Deployments of this campaign at once; 50 unless given */
      concurrent: number;
      /** In one rack of one site at once, whoever began them */
      perRack: number | null;
      /** In one site at once, whoever began them */
      perSite: number | null;
      /** What machines may read from one image server, the base URL that BMCs are given, in bytes per second */
      serverBytesPerSecond: number | null;
      /** So many nodes first; the others begin when these have succeeded, and the campaign pauses when one fails */
      canary: number;
      /** The campaign pauses with so many failed deployments; unless given a tenth of its nodes, but 3 at least */
      maxFailures: number | null;
    };
    windows: Schemas["CampaignWindowOutput"][];
    weight: number;
    /** What is deployed, as it is for the first node; without its secrets */
    request: {
      purpose: string;
      boot:
        | {
            iso: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
          }
        | {
            kernel: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
            ramdisk: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
            bootloader: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            } | null;
            rootfs: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
          }
        | {
            kernel: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
            ramdisk: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            };
            bootloader: {
              url: string;
              checksum: string | null;
              member?: string;
              tls?: {
                ca?: string;
                fingerprint?: string;
              };
              arch?: string;
              /** With the digest that the tag led to when the deployment was accepted */
              pinnedUrl?: string;
            } | null;
          };
      kernelArgs:
        | string
        | {
            append?: string;
            remove?: string;
            replace?: string;
          };
      files: (
        | {
            path: string;
            inRamdisk?: boolean;
            sizeBytes: number;
          }
        | {
            path: string;
            inRamdisk?: boolean;
            blob: string;
          }
        | {
            path: string;
            inRamdisk?: boolean;
            url: string;
            checksum: string | null;
          }
      )[];
      ownVia?: string;
      discLabel: string | null;
      write?: {
        image: {
          url: string;
          checksum: string | null;
          member?: string;
          tls?: {
            ca?: string;
            fingerprint?: string;
          };
          arch?: string;
          /** With the digest that the tag led to when the deployment was accepted */
          pinnedUrl?: string;
          kind: string;
          format: string | null;
          layout: {
            rootMiB: number;
            swapMiB?: number;
            ephemeralMiB?: number;
          } | null;
        };
        from: string;
        rootDevice: Record<string, string | number | boolean> | null;
        configDrive:
          | {
              kind: "none" | "made";
            }
          | {
              kind: "given";
              sizeBytes: number;
            }
          | {
              kind: "fetched";
              image: {
                url: string;
                checksum: string | null;
                member?: string;
                tls?: {
                  ca?: string;
                  fingerprint?: string;
                };
                arch?: string;
                /** With the digest that the tag led to when the deployment was accepted */
                pinnedUrl?: string;
              };
            };
        force: boolean;
      };
      /** What the agent does, in the order in which it runs */
      agent?: {
        steps: {
          interface: string;
          step: string;
          args: Record<string, unknown>;
          priority: number;
          timeoutMs: number;
        }[];
        collectLogs: "on-failure" | "always" | "never";
        /** Whether the disks lose their metadata when it comes to no good end */
        cleansAfter?: boolean;
      };
      /** How large it is, or where its bytes are */
      userData?:
        | (
            | {
                sizeBytes: number;
              }
            | {
                blob: string;
              }
            | {
                url: string;
                checksum: string | null;
              }
          )
        | null;
      /** How large it is, or where its bytes are */
      metaData?:
        | (
            | {
                sizeBytes: number;
              }
            | {
                blob: string;
              }
            | {
                url: string;
                checksum: string | null;
              }
          )
        | null;
      /** How large it is, or where its bytes are */
      vendorData?:
        | (
            | {
                sizeBytes: number;
              }
            | {
                blob: string;
              }
            | {
                url: string;
                checksum: string | null;
              }
          )
        | null;
      /** How large it is, or where its bytes are */
      networkData?:
        | (
            | {
                sizeBytes: number;
              }
            | {
                blob: string;
              }
            | {
                url: string;
                checksum: string | null;
              }
          )
        | null;
      finish: "powered-on" | "disc-read" | "os-running" | "powered-off" | "callback" | "agent";
      eject: "when-booted" | "on-reboot" | "on-callback" | "at-end" | "never";
      bootPolicy: "once" | "persistent";
      bootMode: ("uefi" | "bios") | null;
      secureBoot: "required" | "forbidden" | "unchanged";
      power: "on" | "off";
      whenBusy: "reject" | "queue";
      timeoutMs: number;
      discTtlMs: number;
      labels: Record<string, string>;
    };
    /** The campaign whose failed nodes these are */
    retryOf: string | null;
    /** The campaign that has deployed its failed nodes again */
    retriedAs: string | null;
    createdBy: string;
    /** RFC 3339, UTC */
    createdAt: string;
    /** When the first deployment began */
    startedAt: string | null;
    endedAt: string | null;
  };
  CampaignCounts: {
    total: number;
    waiting: number;
    running: number;
    succeeded: number;
    failed: number;
    cancelled: number;
    skipped: number;
  };
  CampaignPreview: {
    fitting: number;
    unfit: number;
    nodes: {
      node: {
        id: string;
        name: string;
      };
      fits: boolean;
      error: Schemas["Hindrance"] | null;
    }[];
  };
  Hindrance: {
    code: Schemas["FailureCode"];
    message: string;
    hint: string | null;
    /** The deployment or operation that has the machine */
    holder: string | null;
  };
  CampaignNode: {
    node: {
      id: string;
      name: string;
    };
    /** In the order of the campaign, from 0 */
    place: number;
    state: "waiting" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";
    canary: boolean;
    rack: string | null;
    site: string | null;
    /** Id of its deployment */
    deployment: string | null;
    waitingFor: {
      /** Which limit it waits for; `node` that somebody else has the machine, `turn` nothing: it is about to begin */
      limit:
        | "paused"
        | "window"
        | "canary"
        | "concurrent"
        | "perSite"
        | "perRack"
        | "serverBandwidth"
        | "allCampaigns"
        | "node"
        | "turn";
      what: string;
    } | null;
    /** Why it has failed, was left out, or has no deployment yet */
    error: Schemas["Hindrance"] | null;
    admittedAt: string | null;
    endedAt: string | null;
  };
  /** What happened to the campaign; each type has fields of its own */
  CampaignEvent: {
    campaignId: string;
    v: 1;
    seq: number;
    /** RFC 3339, UTC */
    at: string;
    type:
      | "created"
      | "node-failed"
      | "node-skipped"
      | "canary-passed"
      | "paused"
      | "resumed"
      | "cancel-requested"
      | "succeeded"
      | "failed"
      | "cancelled";
    [name: string]: unknown;
  };
  Event: {
    /** The deployment or operation */
    recordId: string;
    v: 1;
    /** Position within the record, from 1, without gaps */
    seq: number;
    /** RFC 3339, UTC */
    at: string;
    type: string;
    [name: string]: unknown;
  };
  /** Whether this browser is logged in, as whom, and until when */
  Session: {
    signedIn: boolean;
    expiresAt: string | null;
    /** Of the token */
    name: string | null;
    role: ("viewer" | "operator" | "admin" | "auditor") | null;
    /** Names and values of the caller's own; lists can be narrowed by them. */
    scope: Record<string, string>;
    /** By whom a browser can be logged in besides, and the path that begins it */
    provider: {
      label: string;
      path: string;
    } | null;
    /** Routes that the role may use, so that a page need not offer what would be refused */
    may: string[];
  };
  /** Without the token itself */
  Token: {
    id: string;
    /** Shown wherever it is told who did something */
    name: string;
    /** `viewer` reads; `operator` deploys, switches and ejects besides; `admin` changes nodes and tokens besides; `auditor` reads, the audit too */
    role: "viewer" | "operator" | "admin" | "auditor";
    /** Labels that a node must carry for the token to see it; none for all nodes */
    scope: Record<string, string>;
    /** RFC 3339, UTC */
    createdAt: string;
    /** Name of the token that made it */
    createdBy: string;
    expiresAt: string | null;
    /** To the minute */
    lastUsedAt: string | null;
  };
  CreatedToken: {
    id: string;
    /** Shown wherever it is told who did something */
    name: string;
    /** `viewer` reads; `operator` deploys, switches and ejects besides; `admin` changes nodes and tokens besides; `auditor` reads, the audit too */
    role: "viewer" | "operator" | "admin" | "auditor";
    /** Labels that a node must carry for the token to see it; none for all nodes */
    scope: Record<string, string>;
    /** RFC 3339, UTC */
    createdAt: string;
    /** Name of the token that made it */
    createdBy: string;
    expiresAt: string | null;
    /** To the minute */
    lastUsedAt: string | null;
    /** The token itself, told this once */
    token: string;
  };
  Webhook: {
    id: string;
    /** Without its query, which may be a secret */
    url: string;
    /** `deployment.`, `operation.` or `campaign.` with the type of an event, or with `*`; `*` for all */
    events: string[];
    /** RFC 3339, UTC */
    createdAt: string;
    /** Name of the token that made it */
    createdBy: string;
  };
  CreatedWebhook: {
    id: string;
    /** Without its query, which may be a secret */
    url: string;
    /** `deployment.`, `operation.` or `campaign.` with the type of an event, or with `*`; `*` for all */
    events: string[];
    /** RFC 3339, UTC */
    createdAt: string;
    /** Name of the token that made it */
    createdBy: string;
    /** Signs what is sent; told this once */
    secret: string;
  };
  Delivery: {
    /** The `webhook-id` of every attempt */
    id: string;
    /** `dead` is given up, until it is replayed */
    state: "pending" | "delivered" | "dead";
    event: string;
    attempts: number;
    /** Of the next attempt */
    dueAt: string | null;
    /** RFC 3339, UTC */
    createdAt: string;
    endedAt: string | null;
    /** Of the last answer */
    lastStatus: number | null;
    lastError: string | null;
  };
  AuditEntry: {
    /** From 1, without gaps */
    seq: number;
    /** RFC 3339, UTC */
    at: string;
    /** Null for a token that was not valid, and for a call below an agent's secret path */
    who: {
      tokenId: string;
      name: string;
      role: "viewer" | "operator" | "admin" | "auditor";
    } | null;
    /** Address of who asked; of the proxy where TRAYLOAD_API_PROXIES does not name it */
    from: string;
    action: string;
    target: string;
    outcome: "done" | "refused";
    status: number;
    /** Of the refusal */
    code: string | null;
    requestId: string;
    /** What was there; never a secret */
    before: unknown;
    after: unknown;
    /** Hash of the entry before; zeros for the first */
    previous: string;
    /** SHA-256 of this entry's JSON without `hash`, with the keys of every object in order and without spaces */
    hash: string;
  };
  /** The same without what their servers ask for */
  AgentImages: {
    x86_64?: {
      kernel: {
        url: string;
        checksum: string | null;
        member?: string;
        tls?: {
          ca?: string;
          fingerprint?: string;
        };
        /** Whether its server is sent an `auth`, which is never shown */
        hasAuth?: boolean;
      };
      ramdisk: {
        url: string;
        checksum: string | null;
        member?: string;
        tls?: {
          ca?: string;
          fingerprint?: string;
        };
        /** Whether its server is sent an `auth`, which is never shown */
        hasAuth?: boolean;
      };
    };
    aarch64?: {
      kernel: {
        url: string;
        checksum: string | null;
        member?: string;
        tls?: {
          ca?: string;
          fingerprint?: string;
        };
        /** Whether its server is sent an `auth`, which is never shown */
        hasAuth?: boolean;
      };
      ramdisk: {
        url: string;
        checksum: string | null;
        member?: string;
        tls?: {
          ca?: string;
          fingerprint?: string;
        };
        /** Whether its server is sent an `auth`, which is never shown */
        hasAuth?: boolean;
      };
    };
  };
  Inventory: {
    deploymentId: string;
    /** RFC 3339, UTC */
    at: string;
    /** Disks that are large enough, smallest first: the agent's order without hints */
    rootDisks: {
      name: string;
      sizeBytes: number;
      serial: string | null;
      model: string | null;
      wwn: string | null;
      rotational: boolean | null;
      byPath: string | null;
    }[];
    macs: string[];
    lldp: {
      interface: string;
      tlvs: [number, string][];
    }[];
    /** Where the node's record says otherwise than the machine */
    mismatches: {
      field: string;
      recorded: string;
      found: string;
    }[];
    /** All of it, as the agent spells it */
    inventory: Record<string, unknown>;
    /** What its other collectors gave */
    data: Record<string, unknown>;
  };
  /** The store of the server that answers, the last used first */
  ImageStock: {
    items: {
      digest: string;
      /** Where it came from last; null for what came with a request, and for what nobody remembers */
      source: string | null;
      sizeBytes: number;
      /** RFC 3339, UTC */
      usedAt: string;
      /** Who keeps it from being removed */
      holders: string[];
    }[];
    /** What this server fetches or waits for */
    underWay: {
      source: string;
      bytesRead: number;
      sizeBytes: number | null;
      holders: string[];
    }[];
    usedBytes: number;
    capBytes: number;
  };
  ImageFetch: {
    state: "fetching" | "ready";
    digest: string | null;
    sizeBytes: number | null;
    bytesRead: number | null;
  };
  Blob: {
    /** Stands in requests as {blob} */
    blob: string;
    /** sha256:… of what came */
    digest: string;
    sizeBytes: number;
    /** RFC 3339, UTC */
    expiresAt: string;
  };
  Upkeep: {
    /** Master keys, the newest first; never the keys themselves */
    keys: {
      id: string;
      /** `seals` what is new, `opens` what it has sealed before, `derives` the paths of discs, or `waits` to seal */
      does: ("seals" | "opens" | "derives" | "waits")[];
      /** Secrets at rest under it */
      sealed: number;
    }[];
    /** Deployments and operations that have not ended */
    open: number;
    /** What is removed by age, and how old the oldest is */
    kept: {
      what: string;
      /** How long, at least; null: for ever */
      forMs: number | null;
      /** Null where there is none */
      oldestAt: string | null;
    }[];
  };
  /** How much is to be done, and who does it; of all processes */
  Queue: {
    /** Asked for and not taken yet; null while Redis is away */
    hintsWaiting: number | null;
    /** Null while Redis is away */
    workers: Schemas["Worker"][] | null;
    phases: {
      /** Wait for a node that another one has */
      waitingNode: number;
      /** Wait for something to come or a time to pass, and hold no worker */
      parked: number;
      /** Wait for a worker */
      queued: number;
      /** A worker looks at them now */
      running: number;
      /** Should have been looked at before now */
      overdue: number;
      longestOverdueMs: number;
    };
    /** What has not ended, by where it is */
    open: {
      kind: "deployment" | "operation";
      state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
      step: string | null;
      count: number;
    }[];
  };
  /** A process that looks at records */
  Worker: {
    id: string;
    host: string;
    pid: number;
    /** Looks that it can have at once */
    capacity: number;
    /** Looks that it has */
    busy: number;
    /** RFC 3339, UTC */
    startedAt: string;
    /** RFC 3339, UTC */
    seenAt: string;
  };
  Health: {
    status: "ok";
    version: string;
  };
  Readiness: {
    ready: boolean;
    checks: {
      name: string;
      ready: boolean;
    }[];
  };
  CampaignWindowOutput: {
    /** On which it opens; every day where there are none */
    days: ("sun" | "mon" | "tue" | "wed" | "thu" | "fri" | "sat")[];
    from: string;
    /** On the next day where it is not after `from` */
    to: string;
    timeZone: string;
  };
}

/** Every request that the API knows: what it takes, and what it answers with success. */
export interface Operations {
  /** Add a node */
  "POST /v1/nodes": {
    params: Record<never, never>;
    query: {
      /** `true` judges the node and adds nothing */
      dryRun?: "true" | "false";
    };
    body: Schemas["NodeInput"];
    answer: Schemas["Node"];
  };
  /** List nodes with their newest deployments */
  "GET /v1/nodes": {
    params: Record<never, never>;
    query: {
      /** One or several, separated by commas */
      state?: ("deployable" | "deploying" | "inspecting" | "cleaning" | "deployed" | "failed")[];
      /** As last seen, like `On` or `Off` */
      power?: string[];
      /** As last seen, like `OK` or `Critical` */
      health?: string[];
      /** Words that must be found in the name, the BMC's address, the maker, the model or the serial number */
      text?: string;
      /** `name:value`; repeat it for several, all must fit */
      label?: string[];
      /** `-` before it turns the order round */
      sort?:
        | "id"
        | "-id"
        | "name"
        | "-name"
        | "address"
        | "-address"
        | "model"
        | "-model"
        | "state"
        | "-state"
        | "power"
        | "-power"
        | "health"
        | "-health"
        | "deployed"
        | "-deployed";
      /** Nodes to pass over, for pages of any order; `cursor` misses none while nodes come and go, in order of `id` */
      offset?: number;
      /** Only these fields, separated by commas; `id` is always there */
      fields?: (
        | "id"
        | "name"
        | "arch"
        | "bootMode"
        | "macs"
        | "site"
        | "rack"
        | "labels"
        | "protected"
        | "maintenance"
        | "provisionUrl"
        | "networkData"
        | "rootDevice"
        | "cleaning"
        | "agent"
        | "bmc"
        | "state"
        | "power"
        | "reachable"
        | "seenAt"
        | "systemPath"
        | "manufacturer"
        | "model"
        | "serialNumber"
        | "capabilities"
        | "media"
        | "deployment"
        | "version"
        | "createdAt"
        | "updatedAt"
      )[];
      /** `nextCursor` of the page before */
      cursor?: string;
      /** Items per page */
      limit?: number;
    };
    body?: undefined;
    answer: {
      items: Schemas["NodeItem"][];
      /** For the next page; null on the last */
      nextCursor: string | null;
      /** How many nodes fit, on all pages */
      total: number;
      /** How many nodes fit in each state, whatever `state` asks for */
      counts: {
        deployable: number;
        deploying: number;
        inspecting: number;
        cleaning: number;
        deployed: number;
        failed: number;
      };
    };
  };
  /** Read a node */
  "GET /v1/nodes/{id}": {
    params: {
      /** Id or name */
      id: string;
    };
    query: Record<never, never>;
    body?: undefined;
    answer: Schemas["Node"];
  };
  /** Change a node; what is absent stays */
  "PATCH /v1/nodes/{id}": {
    params: {
      /** Id or name */
      id: string;
    };
    query: Record<never, never>;
    body?: Schemas["NodeChanges"];
    answer: Schemas["Node"];
  };
  /** Remove a node */
  "DELETE /v1/nodes/{id}": {
    params: {
      /** Id or name */
      id: string;
    };
    query: Record<never, never>;
    body?: undefined;
    answer: undefined;
  };
  /** Try a BMC again at once that is left alone because it could not be reached */
  "POST /v1/nodes/{id}/breaker/reset": {
    params: {
      /** Id or name */
      id: string;
    };
    query: Record<never, never>;
    body?: Schemas["Nothing"];
    answer: undefined;
  };
  /** Switch a node on or off */
  "POST /v1/nodes/{id}/power": {
    params: {
      /** Id or name */
      id: string;
    };
    query: {
      /** Hold the answer for up to this many milliseconds. */
      waitMs?: number;
    };
    body: Schemas["PowerInput"];
    answer: Schemas["Operation"];
  };
  /** Eject the disc of a node */
  "POST /v1/nodes/{id}/media/eject": {
    params: {
      /** Id or name */
      id: string;
    };
    query: {
      /** Hold the answer for up to this many milliseconds. */
      waitMs?: number;
    };
    body?: Schemas["Nothing"];
    answer: Schemas["Operation"];
  };
  /** Say whether a node could be deployed, without changing the machine */
  "POST /v1/nodes/{id}/preflight": {
    params: {
      /** Id or name */
      id: string;
    };
    query: {
      /** Hold the answer for up to this many milliseconds. */
      waitMs?: number;
    };
    body?: Schemas["PreflightInput"];
    answer: Schemas["Operation"];
  };
  /** Restart the BMC of a node, and see it gone and back; its machines go on */
  "POST /v1/nodes/{id}/bmc/reset": {
    params: {
      /** Id or name */
      id: string;
    };
    query: {
      /** Hold the answer for up to this many milliseconds. */
      waitMs?: number;
    };
    body: Schemas["BmcResetInput"];
    answer: Schemas["Operation"];
  };
  /** Read an operation, now or when something has happened */
  "GET /v1/operations/{id}": {
    params: {
      /** Id */
      id: string;
    };
    query: {
      /** Hold the answer for up to this many milliseconds. */
      waitMs?: number;
      /** With `waitMs`: wait until the version is above this one; the current one unless given */
      after?: number;
      /** With `waitMs`: wait until the end */
      until?: "final";
    };
    body?: undefined;
    answer: Schemas["Operation"];
  };
  /** List deployments, newest first */
  "GET /v1/deployments": {
    params: Record<never, never>;
    query: {
      /** One or several, separated by commas */
      state?: ("queued" | "running" | "succeeded" | "failed" | "cancelled")[];
      /** Id or name */
      node?: string;
      /** `name:value`; repeat it for several, all must fit */
      label?: string[];
      /** Only those of this campaign, by its id */
      campaign?: string;
      /** Only those created then or later */
      since?: string;
      /** Only these fields, separated by commas; `id` is always there */
      fields?: (
        | "id"
        | "node"
        | "state"
        | "final"
        | "version"
        | "step"
        | "steps"
        | "waitingOn"
        | "error"
        | "createdAt"
        | "startedAt"
        | "endedAt"
        | "traceparent"
        | "progress"
        | "bootProgress"
        | "evidence"
        | "warnings"
        | "callback"
        | "cancelRequested"
        | "clean"
        | "request"
        | "retryOf"
        | "campaign"
        | "retriedAs"
        | "lateSuccessAt"
      )[];
      /** `nextCursor` of the page before */
      cursor?: string;
      /** Items per page */
      limit?: number;
    };
    body?: undefined;
    answer: {
      items: Schemas["DeploymentItem"][];
      /** For the next page; null on the last */
      nextCursor: string | null;
    };
  };
  /** Deploy a node */
  "POST /v1/deployments": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: Schemas["DeploymentInput"];
    answer: Schemas["Deployment"];
  };
  /** Read a deployment, now or when something has happened */
  "GET /v1/deployments/{id}": {
    params: {
      /** Id */
      id: string;
    };
    query: {
      /** Hold the answer for up to this many milliseconds. */
      waitMs?: number;
      /** With `waitMs`: wait until the version is above this one; the current one unless given */
      after?: number;
      /** With `waitMs`: wait until the end */
      until?: "final";
    };
    body?: undefined;
    answer: Schemas["Deployment"];
  };
  /** Cancel a deployment; asking again is harmless */
  "POST /v1/deployments/{id}/cancel": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: Schemas["Nothing"];
    answer: Schemas["Deployment"];
  };
  /** Deploy again what failed or was cancelled, as a new deployment */
  "POST /v1/deployments/{id}/retry": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: Schemas["Nothing"];
    answer: Schemas["Deployment"];
  };
  /** All that is known of a deployment, in one file without secrets */
  "GET /v1/deployments/{id}/dossier": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: undefined;
    answer: Uint8Array<ArrayBuffer>;
  };
  /** List campaigns, newest first */
  "GET /v1/campaigns": {
    params: Record<never, never>;
    query: {
      /** One or several, separated by commas */
      state?: ("running" | "paused" | "cancelling" | "succeeded" | "failed" | "cancelled")[];
      name?: string;
      /** `nextCursor` of the page before */
      cursor?: string;
      /** Items per page */
      limit?: number;
    };
    body?: undefined;
    answer: {
      items: Schemas["Campaign"][];
      /** For the next page; null on the last */
      nextCursor: string | null;
    };
  };
  /** Deploy many nodes under limits */
  "POST /v1/campaigns": {
    params: Record<never, never>;
    query: {
      /** `true` says of each node whether it could be deployed so, and does nothing */
      dryRun?: "true" | "false";
    };
    body: Schemas["CampaignInput"];
    answer: Schemas["CampaignPreview"] | Schemas["Campaign"];
  };
  /** List what became of each node, in the campaign's order */
  "GET /v1/campaigns/{id}/nodes": {
    params: {
      /** Id */
      id: string;
    };
    query: {
      /** One or several, separated by commas */
      state?: ("waiting" | "running" | "succeeded" | "failed" | "cancelled" | "skipped")[];
      /** `nextCursor` of the page before */
      cursor?: string;
      /** Items per page */
      limit?: number;
    };
    body?: undefined;
    answer: {
      items: Schemas["CampaignNode"][];
      /** For the next page; null on the last */
      nextCursor: string | null;
    };
  };
  /** List what happened to the campaign as a whole, oldest first */
  "GET /v1/campaigns/{id}/events": {
    params: {
      /** Id */
      id: string;
    };
    query: {
      /** Only those above this `seq` */
      after?: number;
      /** Items per page */
      limit?: number;
    };
    body?: undefined;
    answer: {
      items: Schemas["CampaignEvent"][];
    };
  };
  /** Read a campaign, now or when something has changed */
  "GET /v1/campaigns/{id}": {
    params: {
      /** Id */
      id: string;
    };
    query: {
      /** Hold the answer for up to this many milliseconds. */
      waitMs?: number;
      /** With `waitMs`: wait until the version is above this one; the current one unless given */
      after?: number;
      /** With `waitMs`: wait until the end */
      until?: "final";
    };
    body?: undefined;
    answer: Schemas["Campaign"];
  };
  /** Let no more deployments begin; those that were begun go on */
  "POST /v1/campaigns/{id}/pause": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: Schemas["Nothing"];
    answer: Schemas["Campaign"];
  };
  /** Go on, also after failures that somebody has looked at */
  "POST /v1/campaigns/{id}/resume": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: Schemas["Nothing"];
    answer: Schemas["Campaign"];
  };
  /** Let no more deployments begin, and cancel those that were begun unless told otherwise */
  "POST /v1/campaigns/{id}/cancel": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: Schemas["CampaignCancel"];
    answer: Schemas["Campaign"];
  };
  /** Deploy again what failed of a campaign that is over, as a new campaign */
  "POST /v1/campaigns/{id}/retry": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: Schemas["Nothing"];
    answer: Schemas["Campaign"];
  };
  /** Events of one deployment, as a list or a stream */
  "GET /v1/deployments/{id}/events": {
    params: {
      /** Id */
      id: string;
    };
    query: {
      /** Only events after this number; `Last-Event-ID` counts before it */
      after?: number;
      /** Events per page; a stream has no pages */
      limit?: number;
    };
    body?: undefined;
    answer:
      | {
          items: Schemas["Event"][];
          /** For the next page; null on the last */
          nextCursor: string | null;
          /** Number of the last event looked at: for `after`, to go on from here */
          after: number;
        }
      | undefined;
  };
  /** Events of one operation, as a list or a stream */
  "GET /v1/operations/{id}/events": {
    params: {
      /** Id */
      id: string;
    };
    query: {
      /** Only events after this number; `Last-Event-ID` counts before it */
      after?: number;
      /** Events per page; a stream has no pages */
      limit?: number;
    };
    body?: undefined;
    answer:
      | {
          items: Schemas["Event"][];
          /** For the next page; null on the last */
          nextCursor: string | null;
          /** Number of the last event looked at: for `after`, to go on from here */
          after: number;
        }
      | undefined;
  };
  /** Events of everything, as a stream from now on, or as a list */
  "GET /v1/events": {
    params: Record<never, never>;
    query: {
      /** Only events after this number; `Last-Event-ID` counts before it */
      after?: number;
      /** Events per page; a stream has no pages */
      limit?: number;
    };
    body?: undefined;
    answer: {
      items: Schemas["Event"][];
      /** For the next page; null on the last */
      nextCursor: string | null;
      /** Number of the last event looked at: for `after`, to go on from here */
      after: number;
    };
  };
  /** Log a browser in: the token becomes a cookie that no script can read */
  "POST /v1/session": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: Schemas["Nothing"];
    answer: Schemas["Session"];
  };
  /** Whether this browser is logged in */
  "GET /v1/session": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: Schemas["Session"];
  };
  /** Log a browser out */
  "DELETE /v1/session": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: undefined;
  };
  /** Send a browser to the provider of log-ins */
  "GET /v1/session/oidc": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: undefined;
  };
  /** Take a browser back from the provider: it is logged in, or refused */
  "GET /v1/session/oidc/callback": {
    params: Record<never, never>;
    query: {
      code?: string;
      state?: string;
      error?: string;
      iss?: string;
    };
    body?: undefined;
    answer: undefined;
  };
  /** List tokens that are not revoked, by name */
  "GET /v1/tokens": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: {
      items: Schemas["Token"][];
    };
  };
  /** Make a token */
  "POST /v1/tokens": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: Schemas["TokenInput"];
    answer: Schemas["CreatedToken"];
  };
  /** Revoke a token, by id or name, with the sessions that were begun with it */
  "DELETE /v1/tokens/{id}": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: undefined;
    answer: undefined;
  };
  /** List webhooks */
  "GET /v1/webhooks": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: {
      items: Schemas["Webhook"][];
    };
  };
  /** Have events sent to a URL from now on */
  "POST /v1/webhooks": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: Schemas["WebhookInput"];
    answer: Schemas["CreatedWebhook"];
  };
  /** Read a webhook */
  "GET /v1/webhooks/{id}": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: undefined;
    answer: Schemas["Webhook"];
  };
  /** Remove a webhook with its deliveries */
  "DELETE /v1/webhooks/{id}": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: undefined;
    answer: undefined;
  };
  /** Send a `webhook.test` */
  "POST /v1/webhooks/{id}/test": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: Schemas["Nothing"];
    answer: {
      delivery: string;
    };
  };
  /** List what was sent to a webhook, or will be, newest first */
  "GET /v1/webhooks/{id}/deliveries": {
    params: {
      /** Id */
      id: string;
    };
    query: {
      state?: "pending" | "delivered" | "dead";
      /** `nextCursor` of the page before */
      cursor?: string;
      /** Items per page */
      limit?: number;
    };
    body?: undefined;
    answer: {
      items: Schemas["Delivery"][];
      /** For the next page; null on the last */
      nextCursor: string | null;
    };
  };
  /** Send again what has ended: one delivery, or all that are dead */
  "POST /v1/webhooks/{id}/replay": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: Schemas["ReplayInput"];
    answer: {
      replayed: number;
    };
  };
  /** Who did what, when and from where */
  "GET /v1/audit": {
    params: Record<never, never>;
    query: {
      /** Name of a token */
      who?: string;
      /** A route, like `PATCH /v1/nodes/{id}` */
      action?: string;
      /** A path, or its beginning, like `/v1/nodes/rack1-u07` */
      target?: string;
      outcome?: "done" | "refused";
      /** RFC 3339, UTC */
      since?: string;
      /** RFC 3339, UTC */
      until?: string;
      /** Which come first */
      order?: "newest" | "oldest";
      /** `nextCursor` of the page before, or the `seq` behind which to begin */
      cursor?: number;
      /** Items per page */
      limit?: number;
    };
    body?: undefined;
    answer: {
      items: Schemas["AuditEntry"][];
      /** For the next page; null on the last */
      nextCursor: string | null;
    };
  };
  /** All entries that fit, oldest first, as lines of JSON */
  "GET /v1/audit/export": {
    params: Record<never, never>;
    query: {
      /** Name of a token */
      who?: string;
      /** A route, like `PATCH /v1/nodes/{id}` */
      action?: string;
      /** A path, or its beginning, like `/v1/nodes/rack1-u07` */
      target?: string;
      outcome?: "done" | "refused";
      /** RFC 3339, UTC */
      since?: string;
      /** RFC 3339, UTC */
      until?: string;
    };
    body?: undefined;
    answer: Uint8Array<ArrayBuffer>;
  };
  /** Read the agent's default images */
  "GET /v1/settings/agent-images": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: Schemas["AgentImages"];
  };
  /** Set the agent's default images; what is absent is forgotten */
  "PUT /v1/settings/agent-images": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: Schemas["AgentImagesInput"];
    answer: Schemas["AgentImages"];
  };
  /** Read what the last inspection found of a node */
  "GET /v1/nodes/{id}/inventory": {
    params: {
      /** Id or name */
      id: string;
    };
    query: Record<never, never>;
    body?: undefined;
    answer: Schemas["Inventory"];
  };
  /** Read the agent's log, a gzip'd tar without its token */
  "GET /v1/deployments/{id}/agent-log": {
    params: {
      /** Id */
      id: string;
    };
    query: Record<never, never>;
    body?: undefined;
    answer: Uint8Array<ArrayBuffer>;
  };
  /** List the images that the store has */
  "GET /v1/images": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: Schemas["ImageStock"];
  };
  /** Fetch an image before it is needed */
  "POST /v1/images": {
    params: Record<never, never>;
    query: {
      /** Hold the answer for up to this many milliseconds. */
      waitMs?: number;
    };
    body: Schemas["ImageInput"];
    answer: Schemas["ImageFetch"];
  };
  /** Read an image again and compare it with its digest */
  "POST /v1/images/{digest}/verify": {
    params: {
      /** Id */
      digest: string;
    };
    query: Record<never, never>;
    body?: undefined;
    answer: {
      digest: string;
      /** When false, the copy is gone and is fetched again where it is needed */
      sound: boolean;
    };
  };
  /** Remove an image that nobody holds */
  "DELETE /v1/images/{digest}": {
    params: {
      /** Id */
      digest: string;
    };
    query: Record<never, never>;
    body?: undefined;
    answer: undefined;
  };
  /** Send a part of a later request ahead */
  "POST /v1/blobs": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: Uint8Array<ArrayBuffer> | Blob;
    answer: Schemas["Blob"];
  };
  /** Master keys in use, what is kept for how long, and what has not ended */
  "GET /v1/upkeep": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: Schemas["Upkeep"];
  };
  /** What waits, and which processes work */
  "GET /v1/queue": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: Schemas["Queue"];
  };
  /** Whether the process lives */
  "GET /healthz": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: Schemas["Health"];
  };
  /** Whether requests make sense now */
  "GET /readyz": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: Schemas["Readiness"];
  };
  /** Metrics for Prometheus */
  "GET /metrics": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: Uint8Array<ArrayBuffer>;
  };
  /** This API, as OpenAPI 3.1 */
  "GET /openapi.json": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: Record<string, unknown>;
  };
  /** This API, to be read by people */
  "GET /docs": {
    params: Record<never, never>;
    query: Record<never, never>;
    body?: undefined;
    answer: Uint8Array<ArrayBuffer>;
  };
}
