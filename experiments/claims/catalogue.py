"""The one list of all claims, in order."""

from __future__ import annotations

from experiments.claims import awareness, barriers, context, friendships, officers, programs, stigma
from experiments.claims.claim import Claim

CLAIMS: tuple[Claim, ...] = (
    awareness.C1, awareness.C2, awareness.C3, awareness.C4, awareness.C5, awareness.C6,
    friendships.C7, friendships.C8, friendships.C9, friendships.C10, awareness.C11, friendships.C12,
    barriers.C13, barriers.C14, barriers.C15, stigma.C16, stigma.C17, stigma.C18, barriers.C19, context.C20,
    officers.C21, officers.C22, officers.C23, officers.C24, officers.C25, officers.C26, context.C27, context.C28, context.C29,
    programs.C30, programs.C31, programs.C32, programs.C33, programs.C34, context.C35, context.C36, context.C37,
)  # fmt: skip
