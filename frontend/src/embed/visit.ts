/** What lasts from one page of the site to the next, in this tab. */
export interface Visit {
  isOpen: boolean;
  threadId: string | null;
  isGreetingDismissed: boolean;
}

const NOTHING: Visit = { isOpen: false, threadId: null, isGreetingDismissed: false };

export class VisitStore {
  private readonly key: string;
  private visit: Visit;

  constructor(embed: string, private readonly storage: Storage | undefined) {
    this.key = `chatplatform.${embed}`;
    this.visit = { ...NOTHING };
    try {
      this.visit = { ...NOTHING, ...(JSON.parse(storage?.getItem(this.key) ?? "{}") as Partial<Visit>) };
    } catch {
      // What cannot be read is forgotten.
    }
  }

  get now(): Visit {
    return this.visit;
  }

  keep(change: Partial<Visit>): void {
    this.visit = { ...this.visit, ...change };
    try {
      this.storage?.setItem(this.key, JSON.stringify(this.visit));
    } catch {
      // A full or forbidden storage: the next page begins anew.
    }
  }
}
