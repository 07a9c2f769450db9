//! What tokio's I/O driver does while it runs (chapter 17).
