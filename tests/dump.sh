#!/bin/sh
# Everything a study says except times, hosts and attempts: what must be the same for any number of
# workers and after any interruption.   tests/dump.sh CONSORT STUDY
set -eu
consort=$1 study=$2
ask() { "$consort" query "$study" "$1" --csv; }
ask "SELECT name, method, metric, goal, target, seed, run_cap, config_sha256, data_sha256, split_sha256
     FROM study"
ask "SELECT trial_id, number, state, source, params_hash, params, trace, seed, value, value_sd,
     best_epoch, epochs, rung, n_params, model_bytes, fail_code, fail_text, threads FROM trial ORDER BY trial_id"
ask "SELECT * FROM param ORDER BY trial_id, name"
ask "SELECT trial_id, fold, epoch, lr, train_loss, val_loss, val_metric, grad_norm FROM epoch
     ORDER BY trial_id, fold, epoch"
ask "SELECT * FROM metric ORDER BY trial_id, split, fold, name"
ask "SELECT * FROM confusion ORDER BY trial_id, split, truth, pred"
# How much a program had said when it was stopped is chance.
ask "SELECT trial_id, kind, path, CASE kind WHEN 'log' THEN NULL ELSE bytes END,
     CASE kind WHEN 'log' THEN NULL ELSE sha256 END FROM artifact ORDER BY trial_id, kind, path"
ask "SELECT trial_id, run, seed, state, value, value_sd, epochs, fail_code, fail_text FROM repeat
     ORDER BY trial_id, run"
ask "SELECT * FROM ensemble_member ORDER BY ensemble_id, ord"
