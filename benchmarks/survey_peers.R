# What R's packages take for the statistics of a survey, in seconds of the processor.
#
# Run: Rscript survey_peers.R answers.csv [teams] [teams of aov]
# The CSV: a column team, 24 keyed items, columns score_<scale>. Prints one JSON list: package, step,
# teams timed, seconds, and `scaled`, seconds for all teams. Steps that loop over teams are timed on
# the first `teams` (10000) and aov, whose memory grows with the square, on fewer (500); `scaled`
# takes both as linear, which flatters aov. A step that needs more than LIMIT seconds is stopped:
# its seconds are then a lower bound.
suppressPackageStartupMessages({
  library(psych); library(multilevel); library(lme4); library(lavaan)
})
LIMIT <- 600
PILLARS <- c(trust = "^u1", goals = "^u2", ability = "^u3", relationships = "^u4")

arguments <- commandArgs(TRUE)
some <- if (length(arguments) > 1) as.numeric(arguments[2]) else 10000
fewer <- if (length(arguments) > 2) as.numeric(arguments[3]) else 500

answers <- read.csv(arguments[1], na.strings = "")
items <- grep("^u", names(answers), value = TRUE)
scores <- grep("^score_", names(answers), value = TRUE)
teams <- unique(answers$team)
of_pillar <- lapply(PILLARS, grep, items, value = TRUE)
first <- function(n) answers[answers$team %in% head(teams, n), ]
found <- list()

timed <- function(package, step, work, teams_timed = length(teams), data = answers) {
  gc()
  setTimeLimit(elapsed = LIMIT, transient = TRUE)
  clock <- system.time(problem <- tryCatch({ work(data); "" }, error = conditionMessage))
  took <- clock[["user.self"]] + clock[["sys.self"]]
  setTimeLimit()
  row <- list(package = package, step = step, teams = teams_timed, seconds = took,
              scaled = took * length(teams) / teams_timed, problem = problem)
  found[[length(found) + 1]] <<- row
  message(sprintf("%-10s %-28s %7d teams %8.1f s %s", package, step, teams_timed, took, problem))
}

each_pillar <- function(work) function(data) for (own in of_pillar) work(data, own)
each_score <- function(work) function(data) for (score in scores) work(data, score)

timed("psych", "alpha, 4 pillars and total", function(data) {
  for (own in c(of_pillar, list(items))) psych::alpha(data[own], warnings = FALSE)
})
timed("psych", "omega, 4 pillars and total", function(data) {
  for (own in c(of_pillar, list(items))) {
    suppressMessages(suppressWarnings(psych::omega(data[own], nfactors = 1, plot = FALSE)))
  }
})

part <- first(some)
n <- length(unique(part$team))
timed("multilevel", "rwg.j, 2 nulls", each_pillar(function(data, own) {
  for (null in c(2, 1.34)) multilevel::rwg.j(data[own], data$team, ranvar = null)
}), n, part)
timed("multilevel", "ad.m, mean and median", each_pillar(function(data, own) {
  for (type in c("mean", "median")) multilevel::ad.m(data[own], data$team, type = type)
}), n, part)
timed("multilevel", "gmeanrel", each_score(function(data, score) {
  known <- data[!is.na(data[[score]]), ]
  known$y <- known[[score]]
  multilevel::gmeanrel(nlme::lme(y ~ 1, random = ~ 1 | team, data = known))
}), n, part)

part <- first(fewer)
n <- length(unique(part$team))
timed("multilevel", "ICC1 and ICC2 of aov", each_score(function(data, score) {
  fit <- aov(data[[score]] ~ factor(data$team))
  c(multilevel::ICC1(fit), multilevel::ICC2(fit))
}), n, part)

timed("lme4", "lmer and ranef", each_score(function(data, score) {
  fit <- lme4::lmer(as.formula(paste(score, "~ 1 + (1 | team)")), data = data)
  lme4::ranef(fit, condVar = TRUE)
}))

pillars <- sapply(names(of_pillar), function(p) paste(p, "=~", paste(of_pillar[[p]], collapse = "+")))
models <- c(pillars = paste(pillars, collapse = "\n"),
            general = paste("general =~", paste(items, collapse = "+")))
for (name in names(models)) {
  timed("lavaan", paste0("cfa, ", name, ", with gaps"), function(data) {
    lavaan::cfa(models[[name]], data = data, missing = "ml", std.lv = TRUE)
  })
}
cat(jsonlite::toJSON(found, auto_unbox = TRUE, digits = NA), "\n")
