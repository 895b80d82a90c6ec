/** The tables that every service has beside its own: give them to `migrate` as `messaging`. */
export const migrations = new URL('../migrations/', import.meta.url);
