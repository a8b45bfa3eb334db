type Promises<Values> = { readonly [Key in keyof Values]: Promise<Values[Key]> };

/** As `Promise.all`, but rejects only when none of the promises is pending any more. */
export async function allSettled<Values extends readonly unknown[]>(
  promises: readonly [...Promises<Values>],
): Promise<Values> {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as unknown as Values;
}
