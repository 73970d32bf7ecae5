# Reference numbers for change, pairs, surface and drivers, from pairs.csv.
# Run it from this folder: Rscript pairs.R
# Debian 12: sandwich 3.0-2. `vcovCL` with HC0 and cadjust is CR1: J / (J - 1), and no n - 1 / n - k.
library(sandwich)

given <- read.csv("pairs.csv", na.strings = "")
items <- paste0("i", 0:13)
given[items][given[items] == 0] <- NA
given$i1 <- 6 - given$i1
score <- function(columns, least) {
  points <- given[paste0("i", columns)]
  ifelse(rowSums(!is.na(points)) < least, NA, rowMeans(points, na.rm = TRUE))
}
for (p in 0:3) given[[paste0("p", p)]] <- score(3 * p + 0:2, 2)
given$o <- score(12:13, 2)
before <- subset(given, form == "member" & wave == "T0")
after <- subset(given, form == "member" & wave == "T1")
rated <- subset(given, form == "manager")

once <- function(frame, code) {
  frame[!is.na(frame[[code]]) & !frame[[code]] %in% frame[[code]][duplicated(frame[[code]])], ]
}
clustered <- function(model, by, term) {
  se <- sqrt(diag(vcovCL(model, cluster = by, type = "HC0", cadjust = TRUE)))[[term]]
  df <- length(unique(by)) - 1
  bounds <- coef(model)[[term]] + c(-1, 1) * qt(0.975, df) * se
  list(difference = coef(model)[[term]], se = se, df = df, low = bounds[1], high = bounds[2])
}
t_test <- function(found, difference) {
  list(difference = difference, se = found$stderr, df = found$parameter[[1]],
       low = found$conf.int[1], high = found$conf.int[2])
}
jackknife <- function(whole, without) {  # without: values x blocks
  without <- rbind(without)
  J <- ncol(without)
  se <- sqrt((J - 1) / J * rowSums((without - rowMeans(without))^2))
  cbind(se = se, low = whole - qt(0.975, J - 1) * se, high = whole + qt(0.975, J - 1) * se)
}
correlated <- function(x, y, by) {
  z <- atanh(cor(x, y))
  without <- sapply(unique(by), function(out) atanh(cor(x[by != out], y[by != out])))
  c(cor(x, y), tanh(jackknife(z, without)[, c("low", "high")]))
}

# ── Change ──
pair <- merge(once(before, "link"), once(after, "link"), by = "link", suffixes = c(".x", ".y"))
both <- subset(pair, !is.na(p0.x) & !is.na(p0.y) & !is.na(team.y))
d <- both$p0.y - both$p0.x
linked <- clustered(lm(d ~ 1), both$team.y, "(Intercept)")
linked$linked <- nrow(pair)
linked$n <- length(d)
linked$sd <- sd(d)
linked$dz <- mean(d) / sd(d)
linked$retest <- correlated(both$p0.x, both$p0.y, both$team.y)
one <- subset(both, team.y == "t03")
paired <- t_test(t.test(one$p0.y, one$p0.x, paired = TRUE), mean(one$p0.y - one$p0.x))

waves <- subset(given, form == "member" & !is.na(team) & !is.na(p0))
unlinked <- clustered(lm(p0 ~ wave, waves), waves$team, "waveT1")
one <- split(subset(waves, team == "t03")$p0, subset(waves, team == "t03")$wave)
welch <- t_test(t.test(one$T1, one$T0), mean(one$T1) - mean(one$T0))

# ── Members and managers ──
pair <- merge(once(before, "link"), once(rated, "about"), by.x = "link", by.y = "about",
              suffixes = c(".x", ".y"))
pair <- subset(pair, is.na(team.x) | is.na(team.y) | team.x == team.y)
pair$manager <- ifelse(is.na(pair$manager.x), pair$team.x, pair$manager.x)
both <- subset(pair, !is.na(p0.x) & !is.na(p0.y))
d <- both$p0.y - both$p0.x
gap <- clustered(lm(d ~ 1), both$manager, "(Intercept)")
gap$pairs <- nrow(pair)
gap$n <- length(d)
gap$sds <- c(sd(both$p0.x), sd(both$p0.y), sd(d))
gap$correlation <- correlated(both$p0.x, both$p0.y, both$manager)

both <- subset(both, !is.na(o.x))
quadratic <- function(rows) {
  lm(o.x ~ x + y + I(x^2) + I(x * y) + I(y^2), data.frame(rows, x = rows$p0.x - 3, y = rows$p0.y - 3))
}
contrasts <- rbind(diag(6), c(0, 1, 1, 0, 0, 0), c(0, 0, 0, 1, 1, 1), c(0, 1, -1, 0, 0, 0),
                   c(0, 0, 0, 1, -1, 1))
model <- quadratic(both)
estimate <- drop(contrasts %*% coef(model))
se <- sqrt(diag(contrasts %*% vcov(model) %*% t(contrasts)))
without <- sapply(unique(both$manager), function(out) {
  drop(contrasts %*% coef(quadratic(both[both$manager != out, ])))
})
spread <- jackknife(estimate, without)
surface <- list(
  n = nrow(both), managers = ncol(without), r2 = summary(model)$r.squared, estimate = estimate,
  ordinary = list(se = se, low = estimate - qt(0.975, df.residual(model)) * se,
                  high = estimate + qt(0.975, df.residual(model)) * se),
  jackknife = list(se = spread[, "se"], low = spread[, "low"], high = spread[, "high"])
)

# ── Drivers, of members at T0 who have all scores: R² of each set by lm, averaged over all orders;
# relative weights from the singular value decomposition of standardised data. ──
pillars <- paste0("p", 0:3)
permutations <- function(x) {
  if (length(x) < 2) return(list(x))
  do.call(c, lapply(seq_along(x), function(j) lapply(permutations(x[-j]), function(p) c(x[j], p))))
}
lmg <- function(rows) {
  known <- list()
  explained <- function(chosen) {
    key <- paste(c("of", sort(chosen)), collapse = "+")
    if (is.null(known[[key]])) {
      known[[key]] <<- summary(lm(reformulate(c("1", chosen), "o"), rows))$r.squared
    }
    known[[key]]
  }
  rises <- sapply(permutations(pillars), function(order) {
    r2 <- sapply(0:4, function(k) explained(order[seq_len(k)]))
    setNames(diff(r2), order)[pillars]
  })
  rowMeans(rises)
}
relative <- function(rows) {
  x <- scale(as.matrix(rows[pillars])) / sqrt(nrow(rows) - 1)
  y <- scale(rows$o) / sqrt(nrow(rows) - 1)
  parts <- svd(x)
  nearest <- parts$u %*% t(parts$v)
  drop(cor(x, nearest)^2 %*% cor(nearest, y)^2)
}
complete <- before[complete.cases(before[c(pillars, "o")]), ]
importance <- function(f) {
  whole <- f(complete)
  without <- sapply(unique(complete$team), function(out) f(complete[complete$team != out, ]))
  weight <- jackknife(whole, without)
  share <- jackknife(whole / sum(whole), sweep(without, 2, colSums(without), "/"))
  list(weight = unname(whole), share = unname(whole / sum(whole)),
       weight_se = weight[, "se"], weight_low = weight[, "low"], weight_high = weight[, "high"],
       share_se = share[, "se"], share_low = share[, "low"], share_high = share[, "high"])
}
r2 <- function(rows) summary(lm(o ~ p0 + p1 + p2 + p3, rows))$r.squared
r2_without <- sapply(unique(complete$team), function(out) r2(complete[complete$team != out, ]))
r <- cov2cor(cov(before[c(pillars, "o")], use = "pairwise"))
drivers <- list(
  n = nrow(complete), teams = length(unique(complete$team)), r2 = r2(complete),
  r2_bounds = jackknife(r2(complete), r2_without)[1, ],
  relative = importance(relative), shapley = importance(lmg),
  pairwise_n = min(crossprod(!is.na(before[c(pillars, "o")]))),
  pairwise_r2 = drop(r[5, 1:4] %*% solve(r[1:4, 1:4]) %*% r[1:4, 5])
)

jsonlite::write_json(
  list(linked = linked, paired = paired, unlinked = unlinked, welch = welch, gap = gap,
       surface = surface, drivers = drivers),
  "pairs.json", digits = NA, auto_unbox = TRUE, pretty = TRUE
)
