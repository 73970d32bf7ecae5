# Reference numbers for confirmatory factor analysis, by lavaan. In this folder: Rscript factors.R
# Reads factors.csv and factors_gaps.csv (made by factors_data.py), writes factors.json.
suppressMessages(library(lavaan))

answers <- read.csv("factors.csv")
gaps <- read.csv("factors_gaps.csv")
pillars <- c("trust", "clarity", "ability", "relationship")
items <- lapply(pillars, paste0, 1:6)
line <- function(factor, of) paste(factor, "=~", paste(of, collapse = " + "))
four <- paste(mapply(line, pillars, items), collapse = "\n")
one <- line("general", unlist(items))

# Far beyond the defaults, of which those for EM (1e-5) and for the gradient (1e-6 is reached) are
# too loose for more than six digits. With means in the model, method "GN" of lavaan 0.6-14 stops
# where the gradient is not zero, hence BFGS and the check.
fitted <- function(model, data, ...) {
  fit <- cfa(model, data = data, std.lv = TRUE, em.h1.iter.max = 100000, em.h1.tol = 1e-14,
             optim.method = "BFGS", control = list(reltol = 1e-15, maxit = 10000), ...)
  steepest <- max(abs(lavInspect(fit, "optim.gradient")))
  message("steepest slope at the maximum: ", signif(steepest, 2))
  stopifnot(steepest < 2e-6)
  fit
}

wanted <- c("chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "rmsea",
            "srmr", "logl", "aic", "bic", "npar")

# lavaan's own limits of RMSEA are good to four digits (uniroot's default), so they are solved
# here again, from lavaan's chi-square.
limit <- function(chisq, df, level) {
  if (pchisq(chisq, df) <= level) return(0)
  uniroot(function(ncp) pchisq(chisq, df, ncp) - level, c(0, 4 * chisq + 100), tol = 1e-13)$root
}

measures <- function(fit) {
  found <- as.list(fitMeasures(fit, wanted))
  scale <- lavInspect(fit, "ngroups") / lavInspect(fit, "ntotal") / found$df
  found$rmsea_low <- sqrt(limit(found$chisq, found$df, 0.95) * scale)
  found$rmsea_high <- sqrt(limit(found$chisq, found$df, 0.05) * scale)
  found
}

model <- function(fit) {
  all <- standardizedSolution(fit)
  loadings <- all[all$op == "=~", ]
  between <- all[all$op == "~~" & all$lhs != all$rhs, ]
  raw <- parameterEstimates(fit)
  residual <- raw[raw$op == "~~" & raw$lhs == raw$rhs & raw$lhs %in% loadings$rhs, ]
  list(fit = measures(fit), item = loadings$rhs, loading = loadings$est.std, se = loadings$se,
       residual = residual$est[match(loadings$rhs, residual$lhs)],
       factor = between$lhs, other = between$rhs, correlation = between$est.std,
       correlation_se = between$se)
}

ladder <- function(data, ...) {
  equal <- list(configural = "", metric = "loadings",
                scalar = c("loadings", "intercepts"),
                strict = c("loadings", "intercepts", "residuals"))
  fits <- lapply(equal, function(same) {
    fitted(four, data, group = "wave", group.equal = same, meanstructure = TRUE, ...)
  })
  raw <- parameterEstimates(fits$scalar)
  means <- raw[raw$op == "~1" & raw$lhs %in% pillars & raw$group > 1, ]
  list(steps = lapply(fits, measures),
       means = list(group = lavInspect(fits$scalar, "group.label")[means$group],
                    factor = means$lhs, mean = means$est, se = means$se))
}

out <- list(
  lavaan = as.character(packageVersion("lavaan")),
  four = model(fitted(four, answers)),
  one = model(fitted(one, answers)),
  gaps = model(fitted(four, gaps, missing = "fiml")),
  gaps_one = model(fitted(one, gaps, missing = "fiml")),
  ladder = ladder(answers),
  gaps_ladder = ladder(gaps, missing = "fiml")
)
jsonlite::write_json(out, "factors.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
