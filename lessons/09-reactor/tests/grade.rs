//! What `just check lesson-09` holds your program to.
