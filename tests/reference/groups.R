# Reference numbers for items, reliability, agreement and variance, from groups.csv.
# Run it from this folder: Rscript groups.R
# Debian 12: psych 2.2.9, lavaan 0.6-14, multilevel 2.7, lme4 1.1-31.
suppressMessages({
  library(psych)
  library(lavaan)
  library(multilevel)
  library(lme4)
})

given <- read.csv("groups.csv")
six <- paste0("i", 0:5)
points <- given[, c(six, "i6", "i7")]
points[points < 1] <- NA
keyed <- points
keyed$i1 <- 6 - keyed$i1
pillar <- keyed[, six]
team <- given$team
by_item <- function(column) as.list(setNames(column, six))

# ── Items ──
quiet_alpha <- function(...) suppressMessages(suppressWarnings(psych::alpha(..., warnings = FALSE)))
full <- quiet_alpha(pillar)
items <- list(
  n = by_item(full$item.stats$n), mean = by_item(full$item.stats$mean),
  sd = by_item(full$item.stats$sd), item_rest = by_item(full$item.stats$r.drop)
)

# ── Reliability: pairwise covariances, with n of the pair that has fewest ──
feldt <- function(value, n) {
  found <- alpha.ci(value, n.obs = n, n.var = 6)
  c(found$lower.ci, found$upper.ci)
}
factor_model <- paste("f =~", paste(six, collapse = " + "))
omegas <- function(S, n) {
  fit <- cfa(factor_model, sample.cov = S, sample.nobs = n, std.lv = TRUE,
             sample.cov.rescale = FALSE, optim.method = "GN", optim.gn.iter.max = 1000,
             optim.gn.tol.x = 1e-13)
  loadings <- inspect(fit, "est")$lambda
  common <- sum(loadings)^2
  c(common / (common + sum(inspect(fit, "est")$theta[cbind(1:6, 1:6)])), common / sum(S))
}
coefficients <- function(x) {
  S <- cov(x, use = "pairwise")
  n <- min(crossprod(!is.na(x)))
  total <- quiet_alpha(S, n.obs = n)$total
  list(n = n, alpha = total$raw_alpha, standardised = total$std.alpha, ase = total$ase,
       feldt = feldt(total$raw_alpha, n), implied = omegas(S, n)[1], observed = omegas(S, n)[2])
}
jackknife <- sapply(unique(team), function(out) {
  unlist(coefficients(pillar[team != out, ])[c("alpha", "standardised", "implied", "observed")])
})
blocks <- ncol(jackknife)
se <- sqrt((blocks - 1) / blocks * rowSums((jackknife - rowMeans(jackknife))^2))
reliability <- list(
  pairwise = coefficients(pillar), complete = coefficients(na.omit(pillar)),
  jackknife_se = as.list(se), jackknife_t = qt(0.975, blocks - 1)
)

# ── Agreement. multilevel leaves out whoever misses one answer: `listwise`. Item by item it leaves
# out only those who miss that item: from such variances and deviations comes `available`. ──
by_team <- function(values) as.list(setNames(values, sort(unique(team))))
listwise <- list(
  rwg_uniform = rwg.j(pillar, team, ranvar = 2), rwg_skewed = rwg.j(pillar, team, ranvar = 1.34),
  ad_mean = ad.m(pillar, team), ad_median = ad.m(pillar, team, type = "median")
)
listwise <- lapply(listwise, function(found) as.list(setNames(found[[2]], found$grpid)))
per_item <- function(f) sapply(pillar, function(x) {
  found <- f(x, team)
  found[match(sort(unique(team)), found$grpid), 2]
})
# An item's variance, from its rwg against a null so wide that nothing is truncated.
ratio <- function(null) pmin(rowMeans(1e3 * (1 - per_item(function(x, g) rwg(x, g, 1e3)))) / null, 1)
rwgj <- function(r) 6 * (1 - r) / (6 * (1 - r) + r)
available <- list(
  rwg_uniform = by_team(rwgj(ratio(2))), rwg_skewed = by_team(rwgj(ratio(1.34))),
  ad_mean = by_team(rowMeans(per_item(function(x, g) ad.m(x, g)))),
  ad_median = by_team(rowMeans(per_item(function(x, g) ad.m(x, g, type = "median"))))
)

# ── Variance between teams, of scores ──
score <- rowMeans(pillar, na.rm = TRUE)
score[rowSums(!is.na(pillar)) < 4] <- NA
one_way <- function(y, g) {
  g <- factor(g[!is.na(y)])
  y <- y[!is.na(y)]
  model <- aov(y ~ g)
  fit <- lmer(y ~ 1 + (1 | g), REML = TRUE)
  deviance <- lmer(y ~ 1 + (1 | g), REML = TRUE, devFunOnly = TRUE)  # of the ratio of the two SD
  best <- optimize(deviance, c(0, 3), tol = 1e-14)
  # lmer's own optimiser stops early: the model is refitted from the best value and kept there.
  fit <- update(fit, start = best$minimum, control = lmerControl(
    optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14)))
  share <- function(theta) theta^2 / (1 + theta^2)
  beyond <- function(theta) deviance(theta) - best$objective - qchisq(0.95, 1)
  low <- if (beyond(0) > 0) uniroot(beyond, c(0, best$minimum), tol = 1e-14)$root else 0
  high <- uniroot(beyond, c(best$minimum, 5), tol = 1e-14)$root
  variances <- as.data.frame(VarCorr(fit))$vcov
  effects <- ranef(fit, condVar = TRUE)$g
  list(
    teams = nlevels(g), n = length(y), icc1_mean_n = ICC1(model), icc2 = ICC2(model),
    sizes = as.list(table(g)), msb = summary(model)[[1]][1, 3], msw = summary(model)[[1]][2, 3],
    between = variances[1], within = variances[2], icc1_reml = share(best$minimum),
    reml_low = share(low), reml_high = share(high), deviance = best$objective,
    overall = fixef(fit)[[1]], overall_variance = vcov(fit)[1, 1],
    raw = as.list(tapply(y, g, mean)),
    shrunk = as.list(setNames(fixef(fit)[[1]] + effects[[1]], rownames(effects))),
    conditional = as.list(setNames(attr(effects, "postVar")[1, 1, ], rownames(effects))),
    prediction = as.list(henderson(y, g, variances[1], variances[2]))
  )
}
# The prediction error of overall + effect, from the inverse of the mixed-model equations.
henderson <- function(y, g, between, within) {
  X <- cbind(1, model.matrix(~ 0 + g))
  C <- solve(crossprod(X) / within + diag(c(0, rep(1 / between, nlevels(g)))))
  setNames(sapply(1 + seq_len(nlevels(g)), function(j) C[1, 1] + C[j, j] + 2 * C[1, j]), levels(g))
}

flat_score <- rowMeans(keyed[, c("i6", "i7")])
flat_fit <- suppressMessages(lmer(flat_score ~ 1 + (1 | team), REML = TRUE))
flat_deviance <- lmer(flat_score ~ 1 + (1 | team), REML = TRUE, devFunOnly = TRUE)
flat <- list(
  between = as.data.frame(VarCorr(flat_fit))$vcov[1], singular = isSingular(flat_fit),
  icc1_mean_n = ICC1(aov(flat_score ~ factor(team))), icc2 = ICC2(aov(flat_score ~ factor(team))),
  reml_high = uniroot(function(theta) flat_deviance(theta) - flat_deviance(0) - qchisq(0.95, 1),
                      c(0.01, 3), tol = 1e-14)$root
)
flat$reml_high <- flat$reml_high^2 / (1 + flat$reml_high^2)

# Teams of one size: psych's ICC gives the interval from F. The first four of each team with four.
complete <- which(!is.na(score))
chosen <- unlist(lapply(split(complete, team[complete]), function(r) if (length(r) > 3) r[1:4]))
found <- ICC(matrix(score[chosen], ncol = 4, byrow = TRUE), lmer = FALSE)$results[1, ]
balanced <- list(rows = as.integer(chosen - 1), icc1 = found$ICC,
                 low = found$`lower bound`, high = found$`upper bound`)

jsonlite::write_json(
  list(items = items, reliability = reliability, listwise = listwise, available = available,
       variance = one_way(score, team), flat = flat, balanced = balanced),
  "groups.json", digits = NA, auto_unbox = TRUE, na = "null", pretty = TRUE
)
