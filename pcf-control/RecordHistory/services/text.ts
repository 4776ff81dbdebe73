import { english, type TextKey } from './english';

/** A text that exists for one and for many: `Restore` stands for `Restore_One` and `Restore_Many`. */
export type CountedKey = TextKey extends infer Key ? (Key extends `${infer Base}_One` ? Base : never) : never;

/** Everything visible comes from the host's resources; `{0}`, `{1}` … are filled in order. */
export type Text = {
  say(key: TextKey, ...values: (string | number)[]): string;
  /** The number itself is `{0}`. */
  count(key: CountedKey, count: number, ...values: (string | number)[]): string;
};

export function createText(getString: (key: string) => string | null | undefined): Text {
  const say: Text['say'] = (key, ...values) => {
    // The host answers an unknown key with nothing or with the key itself.
    const found = getString(key);
    const template = found && found !== key ? found : english[key];
    return template.replace(/\{(\d)\}/g, (hole, index: string) => String(values[Number(index)] ?? hole));
  };
  return {
    say,
    count: (key, count, ...values) => say(count === 1 ? `${key}_One` : `${key}_Many`, count, ...values),
  };
}
