/** The error envelope of the platform's API. */
export interface Problem {
  code: string;
  hint: string;
}

/** Reads the envelope and leaves the response unread; an empty code when it is not one of ours. */
export async function problemOf(response: Response): Promise<Problem> {
  try {
    const { error } = (await response.clone().json()) as { error?: Partial<Problem> };
    return { code: error?.code ?? "", hint: error?.hint ?? "" };
  } catch {
    return { code: "", hint: "" };
  }
}
