/** A spool that does not wait for the disk: what crash images of it must show. */
export const weakSpool = {
  'spool-normal': {
    changes: [
      {
        file: 'gateway/write-absorption/spool-store.ts',
        from: 'PRAGMA synchronous = FULL',
        to: 'PRAGMA synchronous = NORMAL',
      },
    ],
  },
} as const
