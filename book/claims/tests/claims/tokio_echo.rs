//! What tokio's own echo server does towards the kernel (chapter 16).
