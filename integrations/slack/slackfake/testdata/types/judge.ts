// What a golden has to be, in the types of the makers of Slack. The test writes
// each golden as a literal of one of these, so that a key too many is refused as
// well as one that is missing.
import type * as slack from "@slack/types";

// Their views take blocks of any kind; ours take none but those that are known.
type Known<View> = Omit<View, "blocks"> & { blocks: slack.KnownBlock[] };

export type Message = { text: string; blocks: slack.KnownBlock[] };
export type ModalView = Known<slack.ModalView>;
export type HomeView = Known<slack.HomeView>;
