//! What a reactor rests on: mio, edges, and waking from another thread (chapter 09).
