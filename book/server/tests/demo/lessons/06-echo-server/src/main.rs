//! What a learner has made of the stub by now; the book does not read it.
