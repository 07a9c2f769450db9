//! The program, held to what the servers of earlier lessons are held to.

use assert_cmd::cargo::cargo_bin;
use grader::fd_exhaustion::{self, Exhaustion};
use grader::kernel::threads::Call;
use grader::{check, echo, rest};

/// What a failure would say.
const EXHAUSTED: Exhaustion = Exhaustion {
    // It sleeps with a time-out, since each client has one.
    rests_in: &[],
    served: ("the others wait too", "accept"),
    calm: ("it asks without a pause", "accept"),
    waiting: ("it is not asked again", "accept"),
    rest: ("it goes on looking", "accept"),
    next: ("the listener is given up", "accept"),
};

#[test]
fn every_byte_comes_back() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::comes_back(c, &server)
    });
}

#[test]
fn what_a_full_socket_refused_comes_later() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::keeps_what_a_full_socket_refused(c, &server)
    });
}

#[test]
fn a_client_that_never_reads_is_not_read_from() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::stops_reading_from_a_client_that_never_reads(c, &server, "it keeps on", "echo.rs")
    });
}

#[test]
fn a_reset_ends_one_client_only() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut bystander = server.connect()?;
        echo::survives_a_reset(c, &server, Some(&mut bystander))?;
        echo::survives_a_reset_before_accept(c, &server, &mut bystander)
    });
}

#[test]
fn nothing_is_kept_of_clients_that_left() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::forgets_clients_that_left(&server, 1000)
    });
}

#[test]
fn running_out_of_descriptors_is_survived() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        fd_exhaustion::is_survived(c, &server, &EXHAUSTED)
    });
}

#[test]
fn a_thousand_silent_clients_cost_no_buffers() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut some = server.connect_many(100)?;
        some.echo(c, 100)?;
        let before = server.resident_bytes();
        let mut more = server.connect_many(1000)?;
        more.echo(c, 100)?;
        let grown = server.resident_bytes().saturating_sub(before);
        assert!(grown < 1000 * 4096, "{grown} bytes for 1 000 clients");
        Ok(())
    });
}

#[test]
fn clients_cost_nothing_while_nothing_is_due() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["127.0.0.1:0", "100000000"])?;
        let mut clients = server.connect_many(1000)?;
        clients.echo(c, 10)?;
        server.is_calm()
    });
}

#[test]
fn a_suspend_and_resume_is_survived() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        rest::survives_suspend_and_resume(c, &server, &[Call::Epoll])
    });
}
