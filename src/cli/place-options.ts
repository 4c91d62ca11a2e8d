/** What every command about a lab takes: which lab, and where its state lies. */
export interface PlaceOptions {
  readonly dir?: string;
  readonly name?: string;
}
