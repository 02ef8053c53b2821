/** What the BMC hands to a machine that starts: the disc in its drive, and what to boot. */
export interface Boot {
  /** URL (http or https) behind the drive that firmware may boot, or that it fetches itself; null for none. */
  disc: string | null;
  /** Where the override and the boot order lead to. A machine told "disc" with none sits on, with nothing booted. */
  from: "disc" | "disk" | "http";
  mode: "uefi" | "bios";
}

/** One boot as the machine itself saw it, oldest first; appended when its outcome is known. */
export interface BootRecord {
  /** What really booted: "nothing" when what the firmware was sent to was missing or not bootable. */
  from: "disc" | "disk" | "http" | "nothing";
  /** The disc that was booted or tried; null when none was. */
  url: string | null;
  /** Epoch milliseconds. */
  at: number;
  /** Volume label of the ISO 9660 that booted. */
  volumeLabel?: string;
}

/** How far the firmware and the system have come, in the words of Redfish's BootProgress.LastState. */
export type BootState = "None" | "SystemHardwareInitializationComplete" | "OSBootStarted" | "OSRunning";

/**
 * The machine behind one simulated BMC. The BMC owns power button, drive and boot order; the machine does the
 * booting. Implemented by the model machine (no hypervisor) and by the QEMU machine (a real one).
 */
export interface Machine {
  readonly isOn: boolean;
  /** Begins a boot and returns at once; isOn is true from here on. Not called while on. */
  powerOn(boot: Boot): void;
  /** Resolves when the machine is off; no error when it was off already. */
  forceOff(): Promise<void>;
  /** The ACPI button. Resolves when it was pressed; the system goes off later, by itself, or never. */
  shutDown(): Promise<void>;
  /** The disc in the drive changed (null: taken out), perhaps while the machine is running from it. */
  changeDisc(url: string | null): void;
  /**
   * Set by the BMC. Called when the machine went off by itself, or when the system in it restarted. After
   * "rebooted" isOn is false until the BMC, which alone knows what boots next, calls powerOn.
   */
  onSelf: (what: "off" | "rebooted") => void;
  readonly boots: readonly BootRecord[];
  /** BootProgress where the machine can tell; absent where it cannot. */
  readonly bootState?: BootState;
  /** What went wrong last (a disc that could not be read, a hypervisor that died); null when nothing did. */
  readonly lastError: string | null;
  /** Ends everything the machine holds: reads, timers, child processes. */
  close(): Promise<void>;
}

/** Makes the machine of the BMC with this name, with network cards of these addresses. */
export type MachineFactory = (name: string, macs: readonly string[]) => Machine;
