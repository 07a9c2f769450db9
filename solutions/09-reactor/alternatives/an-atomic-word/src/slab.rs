//! Tokens: a place in a list in the lower half, and the generation of that place in the upper half.

use std::sync::Arc;

use mio::Token;

use crate::word::Word;

const HALF: u32 = usize::BITS / 2;

#[derive(Debug, Default)]
pub(crate) struct Slab {
    places: Vec<Place>,
    free: Vec<usize>,
    pub(crate) shut: bool,
}

#[derive(Debug)]
struct Place {
    generation: usize,
    word: Option<Arc<Word>>,
}

impl Slab {
    pub(crate) fn insert(&mut self, word: Arc<Word>) -> Token {
        let index = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place {
                generation: 0,
                word: None,
            });
            self.places.len() - 1
        });
        let place = &mut self.places[index];
        place.generation += 1;
        place.word = Some(word);
        Token(place.generation << HALF | index)
    }

    fn place(&mut self, token: Token) -> Option<(usize, &mut Place)> {
        let index = token.0 & ((1 << HALF) - 1);
        let place = self.places.get_mut(index)?;
        (place.generation == token.0 >> HALF).then_some((index, place))
    }

    pub(crate) fn get(&mut self, token: Token) -> Option<Arc<Word>> {
        self.place(token)?.1.word.clone()
    }

    pub(crate) fn remove(&mut self, token: Token) -> Option<Arc<Word>> {
        let (index, place) = self.place(token)?;
        let word = place.word.take()?;
        // A place whose generations are used up is never taken again.
        if place.generation < (1 << HALF) - 1 {
            self.free.push(index);
        }
        Some(word)
    }

    pub(crate) fn end(&mut self) -> Vec<Arc<Word>> {
        self.shut = true;
        let words = self.places.iter().filter_map(|place| place.word.clone());
        words.collect()
    }
}
